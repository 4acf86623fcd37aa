/** The amoCRM integration whose widget may ask us; without both its routes are closed. */
export class WidgetAccess {
  constructor(
    /** The integration's id, a UUID: `client_uuid` in what amoCRM signs. */
    readonly clientId?: string,
    /** Its secret key, which amoCRM signs with. */
    readonly clientSecret?: string,
  ) {}
}
