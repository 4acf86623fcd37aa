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
import { Stories, type CallAnswer } from '../../domain/api.js';
import { CrmChat, type ChatItem } from '../../domain/ports.js';
import { LinkChat } from '../../use-cases/link-chat.js';
import { OpenChat } from '../../use-cases/open-chat.js';
import { AllFiled } from '../webhooks/all-filed.js';
import { AdminGuard } from '../admin.guard.js';
import { Intake } from '../webhooks/intake.js';
import { rawBody } from '../webhooks/raw-body.js';
import { bodyAs, invalid } from './api-body.js';
import { DOCS, Documented } from './api-docs.js';
import { ApiRefusal, NOT_STORABLE } from './api-errors.js';
import { ApiLines } from './api-lines.js';
import { ChatWire, ContactLinkWire } from './api.wire.js';
import { conversationOf } from './message.mapper.js';
import { Once, type Call } from './once.js';

/** amoCRM's greatest page. */
const PAGE = 50;

/** Chats of amoCRM. What is asked of it is asked while the caller waits, and its no is the caller's answer. */
@Controller('api/v1/chats')
@UseGuards(AdminGuard)
@UseInterceptors(AllFiled)
@ApiTags('api')
@ApiBearerAuth()
export class ChatsController {
  constructor(
    private readonly find: ApiLines,
    private readonly stories: Stories,
    private readonly intake: Intake,
    private readonly once: Once,
    private readonly crm: CrmChat,
    private readonly openChat: OpenChat,
    private readonly linkChat: LinkChat,
  ) {}

  @Post()
  @HttpCode(201)
  @Documented(DOCS.chat)
  create(
    @Body(bodyAs(ChatWire)) wire: ChatWire,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<unknown> {
    return this.once.answer(request, response, 'required', () => this.open(wire, request));
  }

  @Get(':chatId/history')
  @Documented(DOCS.history)
  async history(
    @Param('chatId') chatId: string,
    @Query('line') named?: string,
    @Query('limit') limit?: unknown,
    @Query('offset') offset?: unknown,
  ): Promise<{ readonly messages: readonly object[]; readonly next?: number }> {
    const page = { limit: wholeNumber(limit, PAGE), offset: wholeNumber(offset, 0) };
    const problems = [
      ...(page.limit === undefined || page.limit < 1 || page.limit > PAGE
        ? [`limit: must be 1 to ${PAGE}`]
        : []),
      ...(page.offset === undefined ? ['offset: must be a whole number'] : []),
    ];
    const { limit: most = PAGE, offset: from = 0 } = page;
    if (problems.length > 0) throw invalid(problems);
    const line = await this.find.lineOfChat(chatId, named);
    const items = await this.crm.messagesOf(chatId, { limit: most, offset: from }, line);
    return {
      messages: items.map(toItem),
      // A full page may be the last one; the next is empty then.
      ...(items.length === most && { next: from + most }),
    };
  }

  @Post(':chatId/contact')
  @HttpCode(200)
  @Documented(DOCS.contact)
  contact(
    @Param('chatId') chatId: string,
    @Body(bodyAs(ContactLinkWire)) wire: ContactLinkWire,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<unknown> {
    if (wire.leadId !== undefined && wire.autoCreateLead) {
      throw invalid(['leadId, autoCreateLead: either a lead that is there, or a new one']);
    }
    if (wire.lead && !wire.autoCreateLead) throw invalid(['lead: goes with autoCreateLead']);
    return this.once.answer(request, response, 'required', (call) => this.link(chatId, wire, call));
  }

  private async open(wire: ChatWire, request: Request): Promise<CallAnswer> {
    const { address, channel, name } = wire;
    const whom = await this.find.whom(
      { address, ...(channel !== undefined && { channel }) },
      wire.line,
    );
    const { line, conversation, formerly } = whom;
    const known =
      conversation.id === 0 ? undefined : await this.stories.clientName(conversation.id);
    const opened = await this.openChat.execute(conversation, name ?? known ?? '', line);
    const { isNew, ...chat } = opened;
    if (isNew) {
      const event = {
        type: 'chat',
        line: line.key,
        channel: conversation.channel,
        address: conversation.address,
        ...(formerly && { formerly }),
        ...chat,
      } as const;
      // So that its messages find it; a crash before this loses nothing, amoCRM answers a repeat with the same chat.
      const origin = { webhook: 'api' } as const;
      const [filed] = await this.intake.accept([{ event, origin, raw: rawBody(request) }]);
      if (filed === 'quarantined') throw NOT_STORABLE;
    }
    const body = {
      chatId: chat.chatId,
      conversationId: conversationOf(whom),
      ...(chat.participantId !== undefined && { participantId: chat.participantId }),
      line: line.name ?? line.key,
    };
    return { status: isNew ? 201 : 200, body };
  }

  private async link(chatId: string, wire: ContactLinkWire, call: Call): Promise<CallAnswer> {
    const line = await this.find.lineOfChat(chatId, wire.line);
    if (!this.linkChat.isOpen(line)) {
      throw new ApiRefusal(
        409,
        'crm-not-configured',
        'Contacts and leads need amoCRM’s REST interface: set AMOCRM_BASE_URL and AMOCRM_TOKEN.',
      );
    }
    const { contactId, leadId, autoCreateLead, lead = {} } = wire;
    const made = await this.linkChat.execute(
      { chatId, contactId, leadId, ...(autoCreateLead && { newLead: lead }) },
      line,
      call.since,
    );
    return {
      status: 200,
      body: { chatId, contactId, ...(made !== undefined && { leadId: made }) },
    };
  }
}

function toItem({ messageId, sourceId, sentAt, ...item }: ChatItem): object {
  return {
    amoMessageId: messageId,
    ...(sourceId !== undefined && { id: sourceId }),
    at: sentAt.toISOString(),
    ...item,
  };
}

/** @returns undefined where it is none */
function wholeNumber(text: unknown, absent: number): number | undefined {
  if (text === undefined || text === '') return absent;
  return typeof text === 'string' && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
