/** What an operator may choose about the webhooks. */
export class WebhookSettings {
  /** @param signature whether hooks of amoCRM's must be signed; `off` is for a trial */
  constructor(readonly signature: 'on' | 'off') {}
}
