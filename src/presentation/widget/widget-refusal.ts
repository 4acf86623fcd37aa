/** What the widget is told instead of an answer; the text is written for an administrator of amoCRM. */
export class WidgetRefusal extends Error {
  override readonly name = 'WidgetRefusal';

  constructor(
    readonly status: number,
    /** Stable. */
    readonly code: string,
    text: string,
  ) {
    super(text);
  }
}
