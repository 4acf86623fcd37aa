import { Injectable } from '@nestjs/common';
import { Stories } from '../../domain/api.js';
import type { Conversation } from '../../domain/conversation.js';
import { conversationId, parseConversationId } from '../../domain/ids.js';
import { isCalled, channelNow, Lines, type Line } from '../../domain/line.js';
import { toClientAddress } from '../webhooks/phone.js';
import { invalid } from './api-body.js';
import { ApiRefusal } from './api-errors.js';
import type { ConversationWire } from './api.wire.js';

/** Whom a call is about. */
export interface Whom {
  readonly line: Line;
  /** As the journal has it; with the id 0 where it is new. */
  readonly conversation: Conversation;
  readonly formerly?: readonly string[];
}

/** Finds what calls name: lines by name or key, conversations by any of their ids. */
@Injectable()
export class ApiLines {
  constructor(
    private readonly lines: Lines,
    private readonly stories: Stories,
  ) {}

  /** @param named a line's name or key; left out where there is one line @throws {ApiRefusal} */
  line(named: string | undefined): Line {
    const { all } = this.lines;
    if (named !== undefined) {
      const found = all.find((line) => isCalled(line, named));
      if (found) return found;
      throw new ApiRefusal(
        404,
        'line-unknown',
        'There is no such line. GET /api/v1/lines lists them.',
      );
    }
    const [only, ...others] = all;
    if (only && others.length === 0) return only;
    throw invalid(['line: name one, since there are several (GET /api/v1/lines lists them)']);
  }

  /** The line of a chat that the journal knows, else the one that is named. @throws {ApiRefusal} */
  async lineOfChat(chatId: string, named: string | undefined): Promise<Line> {
    const known = await this.known('chatId', chatId, named);
    return known[0]?.line ?? this.line(named);
  }

  /** @throws {ApiRefusal} */
  async whom(wire: ConversationWire, named: string | undefined): Promise<Whom> {
    const { id, chatId, address } = wire;
    if ([id, chatId, address].filter((one) => one !== undefined).length !== 1) {
      throw invalid(['conversation: name it by one of id, chatId, address']);
    }
    if (address !== undefined) return this.byAddress(address, wire.channel, this.line(named));
    const by = id === undefined ? 'chatId' : 'conversationId';
    const [known, other] = await this.known(by, id ?? chatId ?? '', named);
    if (known && other && named === undefined) this.line(undefined);
    if (known) return withChannel(known);
    const born = parseConversationId(id ?? '');
    if (born) return this.byAddress(born.address, born.channel, this.line(named));
    throw new ApiRefusal(
      404,
      'conversation-unknown',
      'Nobody has written in such a conversation. Name it by address and channel, or open its chat with POST /api/v1/chats.',
    );
  }

  private async byAddress(
    written: string,
    channelNamed: string | undefined,
    line: Line,
  ): Promise<Whom> {
    const address = toClientAddress(written, line.edna.phoneCountry);
    if (address === '') throw invalid(['conversation.address: nobody can be written to there']);
    const channel = channelNamed ?? onlyChannelOf(line);
    if (channel === undefined) {
      throw invalid(['conversation.channel: name it, since the line has several']);
    }
    const formerly = line.edna.replaces?.get(channel);
    const his = await this.stories.conversations('address', address, [line.key]);
    const conversation = his.find((one) => one.channel === channel) ??
      his.find((one) => formerly?.includes(one.channel)) ??
      // A manager wrote first, and no channel was known.
      his.find((one) => one.channel === '') ?? {
        id: 0,
        line: line.key,
        channel,
        address,
        toBeLinked: false,
      };
    const ours = conversation.conversationId ?? conversationId(channel, address);
    return {
      line,
      conversation: { ...conversation, channel, conversationId: ours },
      ...(formerly && { formerly }),
    };
  }

  private async known(
    by: 'chatId' | 'conversationId',
    value: string,
    named: string | undefined,
  ): Promise<readonly Whom[]> {
    const lines = named === undefined ? this.lines.all : [this.line(named)];
    const keys = lines.map(({ key }) => key);
    return (await this.stories.conversations(by, value, keys)).flatMap((conversation) => {
      const line = lines.find(({ key }) => key === conversation.line);
      return line ? [{ line, conversation }] : [];
    });
  }
}

/** edna's number of the channel, as the line's settings name it. */
function onlyChannelOf({ edna }: Line): string | undefined {
  const [only, ...others] = edna.channels ?? [];
  return edna.subjectId ?? (others.length === 0 ? only : undefined);
}

function withChannel(whom: Whom): Whom {
  const { line, conversation } = whom;
  if (conversation.channel !== '' && conversation.address !== '') {
    const channel = channelNow(line, conversation.channel);
    const formerly = line.edna.replaces?.get(channel);
    return formerly ? { ...whom, formerly } : whom;
  }
  throw new ApiRefusal(
    409,
    'channel-unknown',
    'A manager wrote first, and nobody knows yet by which channel the client answers. Name the conversation by address and channel.',
  );
}
