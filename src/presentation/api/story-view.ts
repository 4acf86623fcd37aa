import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { Story } from '../../domain/api.js';
import { amoMessageIdOf } from '../../domain/ids.js';
import type { Lines } from '../../domain/line.js';
import { explain, type Language, type Reason } from '../../domain/reasons.js';

/** Why something failed, with amoCRM's code and the words a manager reads. */
export class ReasonView {
  @ApiProperty({ example: 'window-closed' })
  key!: string;

  @ApiProperty({ example: 905 })
  code!: number;

  @ApiProperty({ example: 'Прошло 24 часа с последнего сообщения клиента. Отправьте шаблон.' })
  text!: string;
}

export class PartView {
  @ApiProperty({ example: 1 })
  number!: number;

  @ApiProperty({ example: 'waiting', enum: ['waiting', 'handed-over', 'failed'] })
  state!: string;

  @ApiPropertyOptional({ enum: ['sent', 'failed', 'delivered', 'read'] })
  status?: string;

  @ApiProperty({ example: '0a6e5d93-2f71-5b8c-9e34-d8c1f7b20a65', description: 'Our id at edna' })
  requestId!: string;

  @ApiPropertyOptional({ description: 'edna’s own id' })
  messengerId?: string;

  @ApiPropertyOptional({ type: ReasonView })
  reason?: ReasonView;
}

export class TryView {
  @ApiProperty({ example: '2026-11-20T09:15:00.000Z' })
  at!: string;

  @ApiProperty({ example: 'inbound' })
  kind!: string;

  @ApiProperty({ example: 'taken' })
  outcome!: string;

  @ApiPropertyOptional({ example: 1 })
  part?: number;

  @ApiPropertyOptional({ example: 120 })
  durationMs?: number;

  @ApiPropertyOptional({ example: 503 })
  httpStatus?: number;

  @ApiPropertyOptional({ example: 'amojo answered 503' })
  error?: string;
}

/** A message with all that happened to it; what it says is not told. */
export class StoryView {
  @ApiProperty({ example: 'api:order-118-paid' })
  id!: string;

  @ApiPropertyOptional({ example: 'b47f09ce-31d8-4a62-95e0-6c8d2f1a7b53' })
  amoMessageId?: string;

  @ApiProperty({ example: 'acme' })
  line!: string;

  @ApiProperty({ enum: ['to-crm', 'to-client'] })
  direction!: 'to-crm' | 'to-client';

  @ApiProperty({ enum: ['client', 'manager', 'bot'] })
  from!: 'client' | 'manager' | 'bot';

  @ApiPropertyOptional({ example: 'edna:71844:79995550142' })
  conversationId?: string;

  @ApiPropertyOptional({ example: '1f7b6c20-8d3e-4a95-b0c4-7e2d9f618a53' })
  chatId?: string;

  @ApiPropertyOptional({ example: 'text' })
  type?: string;

  @ApiProperty({ example: '2026-11-20T09:15:00.000Z' })
  at!: string;

  @ApiProperty({ enum: ['waiting', 'handed-over', 'failed'] })
  state!: string;

  @ApiPropertyOptional({ enum: ['sent', 'failed', 'delivered', 'read'] })
  status?: string;

  @ApiPropertyOptional({ description: 'The status amoCRM was told' })
  reportedStatus?: string;

  @ApiPropertyOptional({ type: ReasonView })
  reason?: ReasonView;

  @ApiProperty({ type: [PartView] })
  parts!: readonly PartView[];

  @ApiProperty({ type: [TryView] })
  attempts!: readonly TryView[];
}

export function toView(story: Story, lines: Lines, language: Language): StoryView {
  const { conversation, message, direction } = story;
  const amoMessageId = story.crmMessageId ?? amoMessageIdOf(story.sourceId);
  const { conversationId, chatId } = conversation;
  const toReason = (reason: Reason | undefined) =>
    reason && { reason: { key: reason.key, ...explain(reason, language) } };
  const ofCompany = direction === 'outbound' || story.isImport;
  return {
    id: story.sourceId,
    ...(amoMessageId !== undefined && { amoMessageId }),
    line: lines.byKey(story.line)?.name ?? story.line,
    direction: direction === 'inbound' ? 'to-crm' : 'to-client',
    from: ofCompany ? (message?.author?.kind ?? 'manager') : 'client',
    ...(conversationId !== undefined && { conversationId }),
    ...(chatId !== undefined && { chatId }),
    ...(message && { type: message.content.kind }),
    at: story.sentAt.toISOString(),
    state: story.state,
    ...(story.status !== undefined && { status: story.status }),
    ...(story.reportedStatus !== undefined && { reportedStatus: story.reportedStatus }),
    ...toReason(story.reason),
    parts: story.parts.map(({ reason, ...part }) => ({ ...part, ...toReason(reason) })),
    attempts: story.attempts.map((one) => ({ ...one, at: one.at.toISOString() })),
  };
}
