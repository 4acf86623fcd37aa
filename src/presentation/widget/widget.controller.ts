import { Body, Controller, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import {
  ApiBody,
  ApiConflictResponse,
  ApiHeader,
  ApiNotFoundResponse,
  ApiOperation,
  ApiParam,
  ApiQuery,
  ApiTags,
  ApiUnauthorizedResponse,
} from '@nestjs/swagger';
import type { Request } from 'express';
import { DeliveryError } from '../../domain/errors.js';
import type { Line } from '../../domain/line.js';
import type { Language } from '../../domain/reasons.js';
import { Connections } from '../dispatcher/connections.js';
import { OneTimeTokens } from './one-time-tokens.js';
import { isSameId, whyNot, WidgetLines, type Question, type WidgetLine } from './widget-lines.js';
import { WidgetRefusal } from './widget-refusal.js';
import { languageOf, widgetText, type WidgetText } from './widget-texts.js';

const ID_LENGTH = 64;

/** What the widget in amoCRM asks for an administrator of the account. */
@Controller('widget/v1/lines')
@ApiTags('widget')
@ApiHeader({ name: 'X-Auth-Token', description: 'The one-time token that amoCRM’s page adds' })
@ApiQuery({ name: 'language', required: false, enum: ['ru', 'en'] })
@ApiUnauthorizedResponse({ description: 'The token is wrong, used, or of another time' })
export class WidgetController {
  constructor(
    private readonly tokens: OneTimeTokens,
    private readonly lines: WidgetLines,
    private readonly connections: Connections,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The lines of the account, and what is wrong with them' })
  @ApiQuery({ name: 'amojoId', required: false, description: 'Of the account, to be compared' })
  async list(
    @Req() request: Request,
    @Query('language') language?: unknown,
    @Query('amojoId') amojoId?: unknown,
  ) {
    const question = await this.ask(request, languageOf(language), amojoId);
    await this.connections.hear(this.lines.of(question.visitor));
    return { account: question.visitor.host, ...this.lines.show(question) };
  }

  @Post(':id/connect')
  @HttpCode(200)
  @ApiOperation({ summary: 'Connects the account to the line’s channel' })
  @ApiParam({ name: 'id', description: 'As the list has it' })
  @ApiBody({ schema: { example: { amojoId: 'c2e94b10-63af-4d5e-8f07-91ab34cd56ef' } } })
  @ApiNotFoundResponse({ description: 'The account has no such line' })
  @ApiConflictResponse({ description: 'The line is set up for another chats account' })
  connect(
    @Req() request: Request,
    @Param('id') id: string,
    @Body() body: unknown,
    @Query('language') language?: unknown,
  ): Promise<WidgetLine> {
    return this.change(request, id, body, languageOf(language), (line) =>
      this.connections.connectAgain(line),
    );
  }

  @Post(':id/disconnect')
  @HttpCode(200)
  @ApiOperation({ summary: 'Disconnects it; it stays so until it is connected again' })
  @ApiParam({ name: 'id', description: 'As the list has it' })
  @ApiBody({ schema: { example: { amojoId: 'c2e94b10-63af-4d5e-8f07-91ab34cd56ef' } } })
  @ApiNotFoundResponse({ description: 'The account has no such line' })
  @ApiConflictResponse({ description: 'The line is set up for another chats account' })
  disconnect(
    @Req() request: Request,
    @Param('id') id: string,
    @Body() body: unknown,
    @Query('language') language?: unknown,
  ): Promise<WidgetLine> {
    return this.change(request, id, body, languageOf(language), (line) =>
      this.connections.disconnect(line),
    );
  }

  private async change(
    request: Request,
    id: string,
    body: unknown,
    language: Language,
    work: (line: Line) => Promise<void>,
  ): Promise<WidgetLine> {
    const said = typeof body === 'object' && body !== null && 'amojoId' in body && body.amojoId;
    const question = await this.ask(request, language, said);
    const line = this.lines.find(id, question.visitor);
    if (!line) throw refusal(404, 'no-such-line', language);
    const { amojoId = '' } = question;
    if (!isSameId(amojoId, line.amo.accountId)) {
      throw refusal(409, 'wrong-account', language, { amojoId });
    }
    try {
      await work(line);
    } catch (error) {
      if (!(error instanceof DeliveryError)) throw error;
      const { code, text } = whyNot(error, question.visitor, language);
      throw new WidgetRefusal(502, code, text);
    }
    return this.lines.showOne(line, question);
  }

  private async ask(request: Request, language: Language, amojoId: unknown): Promise<Question> {
    const visitor = await this.tokens.take(request.headers['x-auth-token'], language);
    const isText = typeof amojoId === 'string' && amojoId !== '' && amojoId.length <= ID_LENGTH;
    return { visitor, language, ...(isText && { amojoId }) };
  }
}

function refusal(status: number, code: WidgetText, language: Language, values = {}): WidgetRefusal {
  return new WidgetRefusal(status, code, widgetText(code, language, values));
}
