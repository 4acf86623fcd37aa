import {
  BadRequestException,
  Body,
  Controller,
  HttpCode,
  Post,
  Req,
  Res,
  UseGuards,
} from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { CrmAccess } from '../domain/crm-access.js';
import { DeliveryError, JournalUnavailable } from '../domain/errors.js';
import { Lines, scopesOf, type Line } from '../domain/line.js';
import { RegisterModeration, type Registration } from '../use-cases/register-moderation.js';
import { SyncTemplates, type SyncReport } from '../use-cases/sync-templates.js';
import { AdminGuard } from './admin.guard.js';
import { LINES_TYPE, tellAsItGoes } from './told-as-it-goes.js';
import { wishedLine, wishFields } from './wish-fields.js';

/** What was done for a line, and where the CRM tells that a template is to be approved; or why it was not. */
export type Synced =
  | (SyncReport & { readonly line: string; readonly webhook: Registration })
  | { readonly line: string; readonly error: string };

export interface SyncWish {
  readonly dryRun: boolean;
  /** Name or key of one line. */
  readonly line?: string;
}

/** Two at a time would each make the cards that the other one makes. */
export class AlreadySyncing extends Error {
  override readonly name = 'AlreadySyncing';

  constructor() {
    super('Templates are being brought over already. Ask again when that has ended.');
  }
}

/** Brings edna's templates into the accounts that the bridge has access to, for operators. */
@Controller('admin/templates')
@UseGuards(AdminGuard)
@ApiTags('admin')
@ApiBearerAuth()
export class TemplatesController {
  private isSyncing = false;

  constructor(
    private readonly syncOne: SyncTemplates,
    private readonly hook: RegisterModeration,
    private readonly lines: Lines,
    private readonly access: CrmAccess,
  ) {}

  @Post('sync')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Brings the templates of edna into amoCRM',
    description: `With "Accept: ${LINES_TYPE}" news comes while it goes on, a line of JSON each.`,
  })
  @ApiBody({
    schema: {
      type: 'object',
      properties: {
        dryRun: { type: 'boolean', description: 'Shows what would be done, and changes nothing' },
        line: { type: 'string', description: 'Name or key of one line; all where it is left out' },
      },
    },
  })
  async answer(
    @Body() body: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const wish = toSyncWish(body);
    await tellAsItGoes(request, response, (tell) => this.sync(wish, tell), wordsOf);
  }

  /** @throws {BadRequestException | AlreadySyncing | JournalUnavailable} */
  async sync(
    { dryRun, line: wanted }: SyncWish,
    tell: (progress: string) => void,
  ): Promise<readonly Synced[]> {
    const { all } = this.lines;
    const meant = all.filter(({ name, key }) => [undefined, name, key].includes(wanted));
    if (meant.length === 0) throw new BadRequestException(`There is no line ${wanted}.`);
    const open = all.filter((line) => this.access.isOpen(line));
    if (this.isSyncing) throw new AlreadySyncing();
    this.isSyncing = true;
    try {
      const done: Synced[] = [];
      for (const line of meant) {
        if (open.includes(line)) {
          const news = (progress: string) =>
            tell(all.length > 1 ? `${nameOf(line)}: ${progress}` : progress);
          done.push(await this.one(line, open, dryRun, news));
        } else {
          tell(`${nameOf(line)}: left out, nothing gives access to its account`);
        }
      }
      return done;
    } finally {
      this.isSyncing = false;
    }
  }

  /** What keeps one company's from being done keeps no other's. */
  private async one(
    line: Line,
    open: readonly Line[],
    dryRun: boolean,
    tell: (progress: string) => void,
  ): Promise<Synced> {
    // A line that is not meant may still share its cards with one that is.
    const together = scopesOf(open).find((some) => some.includes(line));
    try {
      const report = await this.syncOne.execute(line, { together, dryRun, tell });
      return { line: nameOf(line), ...report, webhook: await this.hook.execute(line, dryRun) };
    } catch (error) {
      if (!(error instanceof DeliveryError)) throw error;
      return { line: nameOf(line), error: error.message };
    }
  }
}

function nameOf({ name, key }: Line): string {
  return name ?? key;
}

/** @throws {BadRequestException} */
function toSyncWish(body: unknown): SyncWish {
  const { dryRun = false, line } = wishFields(body, ['dryRun', 'line']);
  if (typeof dryRun !== 'boolean') throw new BadRequestException('dryRun is true or false.');
  return { dryRun, ...wishedLine(line) };
}

/** Words of ours; whatever else was thrown may quote a template. */
function wordsOf(error: unknown): string {
  return error instanceof JournalUnavailable
    ? error.message
    : 'A fault of the bridge. Its log says more.';
}
