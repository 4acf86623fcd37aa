/**
 * The shapes the sandbox's API answers, as far as the page reads them; `sandbox/api/views.ts` and
 * `state.ts` make them.
 *
 * @typedef {{ sha1: string, sizeBytes: number, name?: string, contentType?: string }} FileInfo
 * @typedef {{ state: 'under way' | 'taken' | 'given up' | 'lost', attempts: object[] }} Parcel
 * @typedef {{ state: 'none' | 'error' | 'delivered' | 'read', code?: number, error?: string }} Tick
 *
 * @typedef {{ at: number, order: number, from: 'client' | 'business', channel: string, id?: string,
 *   messageId?: number, content?: Record<string, any>, type?: string, text?: string | null,
 *   attachment?: { name: string | null } | null, location?: Record<string, any> | null,
 *   header?: { text: string | null }, footer?: string,
 *   keyboard?: { rows: { buttons: { type: string, text: string, payload?: string }[] }[] },
 *   file?: FileInfo, fileError?: string, callback?: Parcel }} PhoneMessage
 * @typedef {{ address: string, name: string | null, messages: PhoneMessage[] }} Phone
 *
 * @typedef {{ id: string, msgid?: string, from: 'client' | 'manager', sender: string, at: number,
 *   type: string, text: string, fileName?: string, file?: FileInfo, fileError?: string,
 *   location?: { lat: number, lon: number }, contact?: { name: string, phone: string },
 *   replyTo?: { id?: string, msgid?: string }, isEdited: boolean, tick?: Tick, hook?: Parcel,
 *   reactions?: string[], markup?: { buttons?: { text: string }[][], list_message?: ListToPick }
 *   }} CardMessage
 * @typedef {{ header?: string, body?: string, button?: string, footer?: string,
 *   sections?: { title?: string, rows?: { title: string }[] }[] }} ListToPick
 * @typedef {{ id: string, conversationId?: string, address: string, hasLead: boolean,
 *   isWriteFirst: boolean, client: { name: string, phone?: string }, messages: CardMessage[] }} Chat
 *
 * @typedef {{ seq: number, at: number, from: Side, to: Side, what: string, address?: string,
 *   text?: string, told?: string, status?: number, trouble?: string, state?: Parcel['state'], attempts?: number
 *   }} Traffic
 * @typedef {'edna' | 'amocrm' | 'bridge'} Side
 * @typedef {{ twin: 'edna' | 'amojo', id: number, kind: string, hits: number, status?: number,
 *   ms?: number, endpoint?: string, times?: number }} ActiveFault
 * @typedef {{ subject: string, subjectId: number, type: string, active: boolean }} Channel
 * @typedef {{ seq: number, platform: string, endpoint: string, status: number, reason: string
 *   }} Violation
 *
 * @typedef {{ isConnected: boolean, webhooks: { edna?: string, amocrm?: string },
 *   channels: Channel[], fates: Record<string, { status: string, error: string | null }>,
 *   clients: Phone[], chats: Chat[], traffic: Traffic[], faults: ActiveFault[],
 *   ledger: Record<string, number>, violations: Violation[] }} State
 */
export {};
