import { Injectable } from '@nestjs/common';
import { DeliveryError } from '../domain/errors.js';
import { accountHookToken } from '../domain/ids.js';
import type { Line } from '../domain/line.js';
import { Settings } from '../domain/settings.js';
import { ModerationHook } from '../domain/templates.js';

/** How it stands with the address that the CRM tells moderations at. */
export interface Registration {
  /**
   * - `registered`: it was, or is now
   * - `missing`: it would be registered, were this not a dry run
   * - `off`: the CRM has switched it off after too many bad answers
   * - `by hand`: it could not be registered, `why` says
   */
  readonly state: 'registered' | 'missing' | 'off' | 'by hand';
  /** It holds a secret: shown only where a person has to enter it. */
  readonly address: string;
  readonly why?: string;
}

/** The route of ours that amoCRM's account webhooks go to. */
export function moderationPath(line: Line): string {
  return `/webhooks/amocrm-account/${accountHookToken(line.amo)}`;
}

/** Makes sure that the CRM tells us when a template is to be approved. May be repeated. */
@Injectable()
export class RegisterModeration {
  constructor(
    private readonly hook: ModerationHook,
    private readonly settings: Settings,
  ) {}

  /**
   * Throws nothing of the CRM's: not every tariff has webhooks, and the templates do without.
   * @param dryRun looks only
   */
  async execute(line: Line, dryRun: boolean): Promise<Registration> {
    const { publicUrl } = this.settings;
    const path = moderationPath(line);
    if (!publicUrl) return { state: 'by hand', address: path, why: 'PUBLIC_URL is not set' };
    const address = publicUrl + path;
    try {
      const found = await this.hook.state(line, address);
      if (found === 'off') return { state: 'off', address };
      if (found === 'absent' && dryRun) return { state: 'missing', address };
      if (found === 'absent') await this.hook.register(line, address);
      return { state: 'registered', address };
    } catch (error) {
      if (!(error instanceof DeliveryError)) throw error;
      return { state: 'by hand', address, why: error.message };
    }
  }
}
