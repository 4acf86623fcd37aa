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
import { JournalUnavailable } from '../domain/errors.js';
import { isCalled, Lines, type Line } from '../domain/line.js';
import type { Reconciliation } from '../domain/reconciliation.js';
import { Interrupted } from '../use-cases/page-by-page.js';
import { AdminGuard } from './admin.guard.js';
import { Reconciler } from './reconciler.js';
import { LINES_TYPE, tellAsItGoes } from './told-as-it-goes.js';
import { toText } from './webhooks/wire-values.js';
import { wishedLine, wishFields } from './wish-fields.js';

/** What an operator asks for. */
export interface Wish {
  readonly since: Date;
  readonly apply: boolean;
  /** Name or key of one line. */
  readonly line?: string;
}

/** Compares the journal with the histories of both platforms, for operators. */
@Controller('admin/reconcile')
@UseGuards(AdminGuard)
@ApiTags('admin')
@ApiBearerAuth()
export class ReconcileController {
  constructor(
    private readonly reconciler: Reconciler,
    private readonly lines: Lines,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary: 'What is missing here or there since a time; brought where that is asked for',
    description: `With "Accept: ${LINES_TYPE}" news comes while it goes on, a line of JSON each.`,
  })
  @ApiBody({
    schema: {
      type: 'object',
      required: ['since'],
      properties: {
        since: { type: 'string', format: 'date-time', example: '2026-11-20T09:00:00Z' },
        apply: { type: 'boolean', description: 'Brings what is missing; else it is only listed' },
        line: { type: 'string', description: 'Name or key of one line; all where it is left out' },
      },
    },
  })
  async answer(
    @Body() body: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const wish = toWish(body);
    await tellAsItGoes(request, response, (tell) => this.compare(wish, tell), wordsOf);
  }

  /** @throws what `Reconciler.run` throws */
  async compare(
    { since, apply, line }: Wish,
    tell?: (progress: string) => void,
  ): Promise<Reconciliation> {
    return this.reconciler.run({ since, apply }, this.named(line), tell);
  }

  private named(line: string | undefined): readonly Line[] {
    if (line === undefined) return this.lines.all;
    const found = this.lines.all.filter((one) => isCalled(one, line));
    if (found.length === 0) throw new BadRequestException(`There is no line ${line}.`);
    return found;
  }
}

/** @throws {BadRequestException} */
export function toWish(body: unknown): Wish {
  const fields = wishFields(body, ['since', 'apply', 'line']);
  const since = new Date(toText(fields.since));
  if (Number.isNaN(since.getTime()) || since.getTime() > Date.now()) {
    throw new BadRequestException('since is a time that is over, such as 2026-11-20T09:00:00Z.');
  }
  const { apply = false } = fields;
  if (typeof apply !== 'boolean') throw new BadRequestException('apply is true or false.');
  return { since, apply, ...wishedLine(fields.line) };
}

/** Words of ours; whatever else was thrown may quote a message. */
function wordsOf(error: unknown): string {
  const isOurs = error instanceof Interrupted || error instanceof JournalUnavailable;
  return isOurs ? error.message : 'A fault of the bridge. Its log says more.';
}
