import { Injectable } from '@nestjs/common';
import { CrmSources } from '../../domain/contacts.js';
import type { Line } from '../../domain/line.js';
import { dig, idOf, textOf } from '../json.js';
import { LineAccounts } from './amocrm.rest.js';

/*
 * Sources: https://www.amocrm.ru/developers/content/crm_platform/sources-api (copy of 2026-01-07). They need an
 * integration whose widget has the location `lead_sources`, and are seen by it alone.
 */
@Injectable()
export class AmocrmSources extends CrmSources {
  constructor(private readonly accounts: LineAccounts) {
    super();
  }

  override async ensure(line: Line): Promise<'made' | 'changed' | 'as it is'> {
    const { sourceExternalId, pipelineId, isDefault = false, title } = line.amo;
    if (sourceExternalId === undefined || pipelineId === undefined) return 'as it is';
    const rest = this.accounts.of(line);
    const query = `filter[external_id]=${encodeURIComponent(sourceExternalId)}`;
    const found = dig(await rest.call('GET', `/sources?${query}`), '_embedded', 'sources');
    const sources: readonly unknown[] = Array.isArray(found) ? found : [];
    const source = sources.find((one) => textOf(dig(one, 'external_id')) === sourceExternalId);
    const wanted = { name: line.name ?? title, pipeline_id: pipelineId, default: isDefault };
    if (source === undefined) {
      await rest.call('POST', '/sources', [{ ...wanted, external_id: sourceExternalId }]);
      return 'made';
    }
    const isSame = Object.entries(wanted).every(([key, value]) => dig(source, key) === value);
    const id = idOf(dig(source, 'id'));
    if (isSame || !id) return 'as it is';
    await rest.call('PATCH', `/sources/${encodeURIComponent(id)}`, wanted);
    return 'changed';
  }
}
