import { parse } from 'qs';
import { NotJson, readJson } from './json.js';
import { isFields, toText } from './wire-values.js';

/** `chat_template_reviews[add][0][reviews][0][id]` has five; what is deeper says nothing we read. */
const DEPTH = 6;
/** Parameters read of one form; a template has a few dozen. */
const MOST_PARAMETERS = 5_000;

/** What a body of the account's webhooks is about. */
export type Account =
  | { readonly kind: 'templates'; readonly ids: readonly string[] }
  | { readonly kind: 'account-event' | 'unknown-shape' };

/**
 * The templates of WhatsApp that a body asks approval for. It says more of them; but they are read afresh, since a
 * repeat comes minutes later, and since amoCRM shows an integration no template but its own. Documented is a form with
 * a bare `add`; the key of other events, JSON, and lists with their indices as keys are read, too.
 */
export function toAccount(raw: Buffer): Account {
  const body = readAny(raw);
  if (!isFields(body)) return { kind: 'unknown-shape' };
  const { chat_template_reviews: reviews } = body;
  const ids = [body.add, isFields(reviews) ? reviews.add : undefined].flatMap(listOf).flatMap(idOf);
  return ids.length > 0 ? { kind: 'templates', ids: [...new Set(ids)] } : { kind: 'account-event' };
}

/** Whatever its content type says. @returns undefined where it is neither JSON nor a form */
function readAny(raw: Buffer): unknown {
  try {
    return readJson(raw);
  } catch (error) {
    if (!(error instanceof NotJson)) throw error;
  }
  const form: unknown = parse(raw.toString('utf8'), {
    depth: DEPTH,
    parameterLimit: MOST_PARAMETERS,
  });
  // A text that is no form comes out as a key without a value.
  return isFields(form) && Object.values(form).some((value) => value !== '') ? form : undefined;
}

/** PHP's lists arrive as lists, or as objects with the indices for keys. */
function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return isFields(value) ? Object.values(value) : [];
}

function idOf(entry: unknown): readonly string[] {
  if (!isFields(entry) || toText(entry.type) !== 'waba') return [];
  const id = toText(entry.id).trim();
  return /^\d+$/.test(id) ? [id] : [];
}
