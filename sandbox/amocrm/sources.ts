import { MAIN_PIPELINE } from './lead.ts';
import type { Source, SourceDraft } from './source.ts';

/** The sources of the integration in one account. At most one is the default. */
export class Sources {
  all: readonly Source[] = [];
  #lastId = 5520;

  find(id: number): Source | undefined {
    return this.all.find((source) => source.id === id);
  }

  byExternalId(externalId: string): Source | undefined {
    return this.all.find((source) => source.externalId === externalId);
  }

  add(draft: SourceDraft): Source {
    this.#lastId += 1;
    const source: Source = {
      id: this.#lastId,
      name: draft.name ?? '',
      pipelineId: draft.pipelineId ?? MAIN_PIPELINE,
      externalId: draft.externalId,
      isDefault: false,
      originCode: draft.originCode ?? null,
      services: draft.services ?? [],
    };
    this.all = [...this.all, source];
    this.#setDefault(source, draft.isDefault);
    return source;
  }

  change(source: Source, draft: SourceDraft): void {
    source.name = draft.name ?? source.name;
    source.pipelineId = draft.pipelineId ?? source.pipelineId;
    source.originCode = draft.originCode ?? source.originCode;
    source.services = draft.services ?? source.services;
    this.#setDefault(source, draft.isDefault);
  }

  remove(source: Source): void {
    this.all = this.all.filter((one) => one !== source);
  }

  /**
   * The source of a chat that names one: an unknown or deleted one is the default, and where there
   * is no default either, the chat has none.
   */
  effective(externalId: string | undefined): Source | undefined {
    const named = externalId === undefined ? undefined : this.byExternalId(externalId);
    return named ?? this.all.find(({ isDefault }) => isDefault);
  }

  #setDefault(source: Source, isDefault: boolean | undefined): void {
    if (isDefault === true) for (const one of this.all) one.isDefault = false;
    source.isDefault = isDefault ?? source.isDefault;
  }
}
