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
import { JournalUnavailable } from '../domain/errors.js';
import { isCalled, Lines } from '../domain/line.js';
import { SyncLineTemplates, titleOf, type Synced } from '../use-cases/sync-line-templates.js';
import { AdminGuard } from './admin.guard.js';
import { LINES_TYPE, tellAsItGoes } from './told-as-it-goes.js';
import { wishedLine, wishFields } from './wish-fields.js';

const NO_ACCESS = 'nothing gives access to its account';

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
    private readonly syncLine: SyncLineTemplates,
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
    const meant = wanted === undefined ? all : all.filter((line) => isCalled(line, wanted));
    if (meant.length === 0) throw new BadRequestException(`There is no line ${wanted}.`);
    const open = all.filter((line) => this.access.isOpen(line));
    if (this.isSyncing) throw new AlreadySyncing();
    this.isSyncing = true;
    try {
      const done: Synced[] = [];
      for (const line of meant) {
        const news = (progress: string) =>
          tell(all.length > 1 ? `${titleOf(line)}: ${progress}` : progress);
        if (open.includes(line)) {
          done.push(await this.syncLine.execute(line, open, { dryRun, tell: news }));
        } else if (wanted === undefined) {
          tell(`${titleOf(line)}: left out, ${NO_ACCESS}`);
        } else {
          done.push({ line: titleOf(line), error: NO_ACCESS });
        }
      }
      return done;
    } finally {
      this.isSyncing = false;
    }
  }
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
