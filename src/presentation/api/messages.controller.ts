import {
  Body,
  Controller,
  Get,
  HttpCode,
  Param,
  Post,
  Query,
  Req,
  Res,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Stories, type CallAnswer, type Story } from '../../domain/api.js';
import { amoMessageIdOf, outboundSourceId } from '../../domain/ids.js';
import type { Event, Filed, InboundEvent } from '../../domain/journal.js';
import { Lines } from '../../domain/line.js';
import { AllFiled } from '../webhooks/all-filed.js';
import { AdminGuard } from '../admin.guard.js';
import { Intake } from '../webhooks/intake.js';
import { rawBody } from '../webhooks/raw-body.js';
import { Settings } from '../../domain/settings.js';
import { bodyAs, invalid } from './api-body.js';
import { DOCS, Documented } from './api-docs.js';
import { ApiRefusal, NOT_STORABLE } from './api-errors.js';
import { ApiLines } from './api-lines.js';
import { MessageWire, StatusWire } from './api.wire.js';
import { conversationOf, toEvent } from './message.mapper.js';
import { Once, REUSED, type Call } from './once.js';
import { toView, type StoryView } from './story-view.js';

/** Messages that other programs put into chats, and what became of any message. */
@Controller('api/v1/messages')
@UseGuards(AdminGuard)
@UseInterceptors(AllFiled)
@ApiTags('api')
@ApiBearerAuth()
export class MessagesController {
  constructor(
    private readonly lines: Lines,
    private readonly find: ApiLines,
    private readonly stories: Stories,
    private readonly intake: Intake,
    private readonly once: Once,
    private readonly settings: Settings,
  ) {}

  @Post()
  @HttpCode(202)
  @Documented(DOCS.message)
  create(
    @Body(bodyAs(MessageWire)) wire: MessageWire,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<unknown> {
    return this.once.answer(request, response, 'required', (call) =>
      this.accept(wire, call, request),
    );
  }

  @Get(':id')
  @Documented(DOCS.story)
  async show(@Param('id') id: string, @Query('line') line?: string): Promise<StoryView> {
    const [latest] = await this.storiesOf(id, line);
    return toView(latest, this.lines, this.settings.language);
  }

  @Post(':id/status')
  @HttpCode(202)
  @Documented(DOCS.status)
  mark(
    @Param('id') id: string,
    @Body(bodyAs(StatusWire)) wire: StatusWire,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
    @Query('line') line?: string,
  ): Promise<unknown> {
    return this.once.answer(request, response, 'honoured', () =>
      this.setStatus(id, line, wire, request),
    );
  }

  /** What has been answered with 202 is committed: the dispatcher does the rest, in order with the chat's other messages. */
  private async accept(wire: MessageWire, call: Call, request: Request): Promise<CallAnswer> {
    const whom = await this.find.whom(wire.conversation, wire.line);
    const { id } = whom.conversation;
    const known = id === 0 ? undefined : await this.stories.clientName(id);
    const event = toEvent(wire, whom, { key: call.key ?? '', at: new Date() }, known);
    const { sourceId } = event.message;
    // Before it is filed: one that had failed would be sent after all, in the words it had.
    if (!(await this.mayStandFor(event, id))) throw REUSED;
    await this.file(event, request);
    const { line } = whom;
    const body = {
      id: sourceId,
      state: 'accepted',
      line: line.name ?? line.key,
      conversationId: conversationOf(whom),
    };
    return { status: 202, body };
  }

  /**
   * Whether the key stands for no message of the line yet, or for this one. It may have been used longer ago than its
   * answer is kept; what is forgotten may have said anything.
   */
  private async mayStandFor(
    { line, message }: InboundEvent,
    conversation: number,
  ): Promise<boolean> {
    const stories = await this.stories.messages([message.sourceId]);
    const before = stories.find((one) => one.line === line && one.direction === 'inbound');
    if (!before) return true;
    return (
      before.conversation.id === conversation &&
      JSON.stringify([before.message?.content, before.message?.author?.refId]) ===
        JSON.stringify([message.content, message.author?.refId])
    );
  }

  private async setStatus(
    id: string,
    line: string | undefined,
    wire: StatusWire,
    request: Request,
  ): Promise<CallAnswer> {
    const { status, errorCode = 905, error = '' } = wire;
    if (status !== 'failed' && (wire.errorCode !== undefined || wire.error !== undefined)) {
      throw invalid(['errorCode, error: go with failed only']);
    }
    const [story, other] = await this.storiesOf(id, line);
    if (other) throw invalid(['line: name it, since several have a message of this id']);
    refuseMark(story);
    const args = { code: String(errorCode), text: error };
    const receipt =
      status === 'failed' ? ({ status, reason: { key: 'told', args } } as const) : { status };
    await this.file({ type: 'mark', messageId: story.id, receipt }, request);
    return { status: 202, body: { id: story.sourceId, status } };
  }

  /** The latest first, from different lines. @throws {ApiRefusal} 404 */
  private async storiesOf(
    id: string,
    line: string | undefined,
  ): Promise<readonly [Story, ...Story[]]> {
    const ids = [id, ...this.lines.all.map(({ scopeId }) => outboundSourceId(scopeId, id))];
    const wanted = line === undefined ? undefined : this.find.line(line).key;
    const [latest, ...others] = (await this.stories.messages(ids)).filter(
      (one) => wanted === undefined || one.line === wanted,
    );
    if (latest) return [latest, ...others.filter((one) => one.line !== latest.line)];
    throw new ApiRefusal(
      404,
      'message-unknown',
      'There is no such message. Name it by the id that this bridge gave it, or by amoCRM’s.',
    );
  }

  private async file(event: Event, request: Request): Promise<Filed | undefined> {
    const origin = { webhook: 'api' } as const;
    const [filed] = await this.intake.accept([{ event, origin, raw: rawBody(request) }]);
    if (filed !== 'quarantined') return filed;
    throw NOT_STORABLE;
  }
}

/** @throws {ApiRefusal} 409 */
function refuseMark({ direction, isImport, state, sourceId }: Story): void {
  if (direction === 'inbound' && !isImport) {
    throw new ApiRefusal(409, 'message-of-client', 'A client’s message has no delivery status.');
  }
  if (direction === 'inbound' && state === 'failed') {
    throw new ApiRefusal(409, 'message-not-in-chat', 'amoCRM did not take this message.');
  }
  if (direction === 'outbound' && amoMessageIdOf(sourceId) === undefined) {
    throw new ApiRefusal(
      409,
      'message-without-id',
      'amoCRM has sent this message without an id, as hooks v1 do, and could not be told of its status.',
    );
  }
  if (direction === 'outbound' && state === 'waiting') {
    throw new ApiRefusal(
      409,
      'message-not-sent',
      'This message is still on its way to the client, and its status is not known yet.',
    );
  }
}
