import {
  BadRequestException,
  Controller,
  Get,
  HttpCode,
  Param,
  Post,
  Query,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiParam, ApiQuery, ApiTags } from '@nestjs/swagger';
import { Journal, type Quarantined } from '../../domain/journal.js';
import { AllFiled } from './all-filed.js';
import { AdminGuard } from '../admin.guard.js';
import { NotInQuarantine, QuarantineReplay, type Replayed } from './replay.js';

const PAGE = 50;

/** An entry as an operator sees it in the list. */
interface Entry {
  readonly id: number;
  readonly at: string;
  readonly reason: string;
  readonly webhook: string;
  readonly scopeId?: string;
  /** Of the lines that its token or its signature fitted. */
  readonly opened?: readonly string[];
}

/** What lies in the quarantine, for operators. */
@Controller('admin/quarantine')
@UseGuards(AdminGuard)
@UseInterceptors(AllFiled)
@ApiTags('admin')
@ApiBearerAuth()
export class QuarantineController {
  constructor(
    private readonly journal: Journal,
    private readonly replay: QuarantineReplay,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Bodies that could not be filed, the newest first, 50 a page' })
  @ApiQuery({ name: 'after', required: false, description: '`next` of the page before' })
  async list(
    @Query('after') after?: unknown,
  ): Promise<{ readonly entries: readonly Entry[]; readonly next?: number }> {
    const from = after === undefined || after === '' ? undefined : toId(after);
    if (after !== undefined && after !== '' && from === undefined) {
      throw new BadRequestException('after is the number that `next` gave with the page before.');
    }
    const page = await this.journal.quarantined(PAGE, from);
    const last = page.length === PAGE ? page.at(-1) : undefined;
    return { entries: page.map(toEntry), ...(last && { next: last.id }) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'One of them, with its body as it came' })
  @ApiParam({ name: 'id', type: Number })
  async show(@Param('id') id: string): Promise<Entry & { readonly raw: string }> {
    const entry = await this.journal.quarantinedOne(known(id));
    if (!entry) throw new NotInQuarantine();
    return { ...toEntry(entry), raw: entry.raw.toString('utf8') };
  }

  @Post(':id/replay')
  @HttpCode(200)
  @ApiOperation({ summary: 'File it again, once what kept it from being filed is mended' })
  @ApiParam({ name: 'id', type: Number })
  @ApiQuery({
    name: 'trust',
    required: false,
    enum: ['yes'],
    description: 'Whoever signed it: it may be filed for any line',
  })
  async again(@Param('id') id: string, @Query('trust') trust?: unknown): Promise<Replayed> {
    return this.replay.execute(known(id), trust === 'yes');
  }
}

function toEntry({ id, at, reason, origin }: Quarantined): Entry {
  const { webhook, scopeId, opened } = origin;
  return {
    id,
    at: at.toISOString(),
    reason,
    webhook,
    ...(scopeId !== undefined && { scopeId }),
    ...(opened && { opened }),
  };
}

/** Digits of a number that every database can hold. */
function toId(text: unknown): number | undefined {
  return typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function known(text: string): number {
  const id = toId(text);
  if (id === undefined) throw new NotInQuarantine();
  return id;
}
