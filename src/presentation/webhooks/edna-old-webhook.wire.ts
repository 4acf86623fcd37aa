import { Address, Id, Loose, OptionalChannel, Part, Text } from './wire-fields.js';
import type { Scalar } from './wire-values.js';
import { EdnaAttachment } from './edna-webhook.wire.js';

/*
 * What edna's older interface posts, flat (https://docs.edna.io/kb/callback-functions), and the simple form that small
 * programs of one's own can post.
 */

export class EdnaLegacyIncoming {
  @Id({ example: 88412 })
  id: Scalar;

  @Loose({ example: 'acme_wa_main' })
  imSubject?: unknown;

  @OptionalChannel({ example: 71844 })
  imSubjectId?: Scalar;

  /** The client's phone. */
  @Address({ example: '79995550142' })
  address: Scalar;

  @OptionalChannel({ example: 'whatsapp' })
  imType?: Scalar;

  @Text({ example: 'text' })
  contentType?: Scalar;

  @Text({ example: 'Is it in stock?' })
  text?: Scalar;

  @Text()
  caption?: Scalar;

  @Text()
  attachmentUrl?: Scalar;

  @Loose()
  attachmentName?: unknown;

  @Loose()
  latitude?: unknown;

  @Loose()
  longitude?: unknown;

  @Loose()
  locationAddress?: unknown;

  @Loose()
  payload?: unknown;

  @Loose({ example: 'Vera' })
  userName?: unknown;

  @Loose()
  firstName?: unknown;

  @Loose()
  lastName?: unknown;

  @Loose()
  avatarUrl?: unknown;

  /** The offset comes without a colon. */
  @Loose({ example: '2026-02-03T09:20:41.000+0000' })
  receivedAt?: unknown;
}

export class EdnaLegacyStatus {
  /** The id that we gave the message. */
  @Id({ example: '8f0d7f0e-5a5b-4f0a-9a53-0b6d0f3f7c11' })
  imOutMessageId: Scalar;

  @Id({ example: 'read' })
  dlvStatus: Scalar;

  @Loose()
  dlvError?: unknown;
}

export class EdnaSimpleIncoming {
  @Id({ example: 'msg-1' })
  id: Scalar;

  @OptionalChannel({ example: 'whatsapp' })
  imType?: Scalar;

  @OptionalChannel()
  subjectId?: Scalar;

  /** The client's phone: here, and only here, `subject` is a client. */
  @Address({ example: '79995550142' })
  subject: Scalar;

  @Text({ example: 'Is it in stock?' })
  text?: Scalar;

  @Part(() => EdnaAttachment)
  attachment?: EdnaAttachment;

  /** False: the business itself wrote it, so there is nothing to pass on. */
  @Loose({ type: 'boolean', example: true })
  fromClient?: unknown;
}

export class EdnaSimpleStatus {
  /** The id that we gave the message. */
  @Id({ example: '8f0d7f0e-5a5b-4f0a-9a53-0b6d0f3f7c11' })
  id: Scalar;

  @Id({ example: 'read' })
  status: Scalar;

  @Loose()
  error?: unknown;
}
