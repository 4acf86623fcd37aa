import { Agent } from 'node:http';
import axios, { type AxiosInstance } from 'axios';
import { conversationId, parseConversationId, type RequestId } from '../../../src/domain/ids.js';
import type { InboundEvent, OutboundEvent } from '../../../src/domain/journal.js';
import type { Line, Lines } from '../../../src/domain/line.js';
import type { Settings } from '../../../src/domain/settings.js';
import { toAmojo } from '../../../src/infrastructure/amojo/amojo.mapper.js';
import { sign } from '../../../src/infrastructure/amojo/amojo.signature.js';
import { toEdna } from '../../../src/infrastructure/edna/edna.mapper.js';
import type { Received } from '../../../src/presentation/webhooks/intake.js';
import { COMPANY } from '../company.ts';

/**
 * What many write in place of a bridge: passes a webhook on while its sender waits, and answers once the other side
 * has. Behind the bridge's own guards and mappers; keeps nothing, repeats nothing, knows nothing of order.
 */
export class Relay {
  readonly #lines: Lines;
  readonly #settings: Settings;
  readonly #axios: AxiosInstance;

  constructor(lines: Lines, settings: Settings) {
    this.#lines = lines;
    this.#settings = settings;
    const { concurrency } = settings;
    this.#axios = axios.create({
      httpAgent: new Agent({
        keepAlive: true,
        maxSockets: concurrency,
        maxFreeSockets: concurrency,
      }),
      timeout: 6_000,
    });
  }

  /** In place of the bridge's `Intake`. @throws what the call threw */
  async receive(received: readonly Received[]): Promise<void> {
    for (const { event } of received) {
      const line = 'line' in event ? this.#lines.byKey(event.line) : undefined;
      if (line && event.type === 'inbound') await this.#toChat(event, line);
      if (line && event.type === 'outbound') await this.#toPhone(event, line);
    }
  }

  async #toChat({ channel, address, subject, message }: InboundEvent, line: Line): Promise<void> {
    const conversation = {
      id: 0,
      line: line.key,
      channel,
      address,
      conversationId: conversationId(channel, address),
      subject,
      toBeLinked: false,
    };
    const body = JSON.stringify(toAmojo(message, conversation, line, this.#settings.language));
    const path = `/v2/origin/custom/${encodeURIComponent(line.scopeId)}`;
    const date = new Date().toUTCString();
    const headers = sign({ method: 'POST', path, body, date }, line.amo.channelSecret);
    await this.#axios.post(line.amo.baseUrl + path, body, { headers });
  }

  async #toPhone(
    { conversationId: born, phone, message, requestIds }: OutboundEvent,
    line: Line,
  ): Promise<void> {
    const dispatch = {
      requestId: requestIds[0] as RequestId,
      messageId: message.sourceId,
      content: message.content,
      address: (born && parseConversationId(born)?.address) ?? phone ?? '',
      route: {
        dialect: 'cascade',
        dropsRepeats: true,
        channelType: 'WHATSAPP',
        cascadeId: String(COMPANY.cascadeId),
        subjectId: String(COMPANY.subjectId),
      },
    } as const;
    const body = toEdna(dispatch, line, this.#settings.language);
    const headers = { 'X-API-KEY': line.edna.apiKey };
    await this.#axios.post(`${line.edna.baseUrl}/api/cascade/schedule`, body, { headers });
  }
}
