import { readdirSync, readFileSync } from 'node:fs';
import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import { NotInCrm } from '../src/domain/contacts.js';
import { DeliveryError } from '../src/domain/errors.js';
import { Lines } from '../src/domain/line.js';
import { Settings } from '../src/domain/settings.js';
import { AmocrmAccess, AmocrmDirectory } from '../src/infrastructure/amocrm/amocrm.adapter.js';
import { AmocrmContacts } from '../src/infrastructure/amocrm/amocrm.contacts.js';
import { AmocrmModerationHook } from '../src/infrastructure/amocrm/amocrm.moderation.js';
import { AmocrmOauth, Integration } from '../src/infrastructure/amocrm/amocrm.oauth.js';
import { AmocrmRest, LineAccounts, Pause } from '../src/infrastructure/amocrm/amocrm.rest.js';
import { AmocrmSources } from '../src/infrastructure/amocrm/amocrm.sources.js';
import { AmocrmTemplates } from '../src/infrastructure/amocrm/amocrm.templates.js';
import { AmojoCrmChat } from '../src/infrastructure/amojo/amojo.adapter.js';
import { Clock } from '../src/infrastructure/clock.js';
import { EdnaMessenger } from '../src/infrastructure/edna/edna.adapter.js';
import { EdnaApi } from '../src/infrastructure/edna/edna.api.js';
import { EdnaCatalogue } from '../src/infrastructure/edna/edna.catalogue.js';
import { EdnaFiles } from '../src/infrastructure/edna/edna.files.js';
import { EdnaRoutes } from '../src/infrastructure/edna/edna.route.js';
import { EdnaTemplates } from '../src/infrastructure/edna/edna.templates.js';
import { aLine, aMessage } from './builders.js';
import { AnsweringHttp } from './fakes/answering-http.ts';
import { FakeLinks, FakeSource } from './fakes/media.js';
import { AMOJO_ANSWERS, EDNA_ANSWERS, REST_ANSWERS } from './fuzzing/answers.ts';
import { anyJson, mutated } from './fuzzing/mutations.ts';
import { runs } from './fuzzing/runs.ts';
import { unsoundIn } from './fuzzing/sound.ts';
import { aConversation, aDispatch, CLIENT } from './outgoing.js';

const CHAT = '1f7b6c20-8d3e-4a95-b0c4-7e2d9f618a53';
const AT = new Date('2026-02-03T09:20:41Z');
const LINE = aLine({}, { sourceExternalId: 'wa', pipelineId: 7 });
const STATUS = fc.constantFrom(
  200,
  200,
  200,
  200,
  204,
  302,
  400,
  401,
  403,
  404,
  408,
  429,
  500,
  503,
);

type Ask = () => Promise<unknown>;

const http = new AnsweringHttp();

/** Asks everything, whatever is answered: each question has a result, or an error that says what to do. */
async function askAll(questions: Readonly<Record<string, Ask>>): Promise<void> {
  for (const [name, ask] of Object.entries(questions)) {
    try {
      const unsound = unsoundIn(await ask());
      if (unsound !== undefined) throw new Error(unsound);
    } catch (error) {
      if (error instanceof DeliveryError || error instanceof NotInCrm) continue;
      throw new Error(`${name} on ${http.answer.body.slice(0, 2_000)}`, { cause: error });
    }
  }
}

function answering(bodies: readonly unknown[], questions: () => Readonly<Record<string, Ask>>) {
  const body = fc.oneof(
    { weight: 9, arbitrary: mutated(bodies) },
    { weight: 1, arbitrary: anyJson },
    { weight: 1, arbitrary: fc.constantFrom('', ' ', '<html></html>', '{', '\0') },
  );
  return fc.asyncProperty(body, STATUS, async (text, status) => {
    http.answer = { status, body: text };
    await askAll(questions());
  });
}

class Unhurried extends Pause {
  override wait(): Promise<void> {
    return Promise.resolve();
  }
}

class OneAccount extends LineAccounts {
  private readonly access = new AmocrmAccess({ baseUrl: 'https://a.example.test', token: 't' });

  override of(): AmocrmRest {
    return new AmocrmRest(http, this.access, new Unhurried());
  }
}

const QUESTIONS = { amojo: ofAmojo, amocrm: ofAmocrm, edna: ofEdna } as const;
const ANSWERS = { amojo: AMOJO_ANSWERS, amocrm: REST_ANSWERS, edna: EDNA_ANSWERS } as const;
/** As many of each as take a fraction of a second. */
const RUNS = { amojo: 400, amocrm: 150, edna: 200 } as const;
const SIDES = ['amojo', 'amocrm', 'edna'] as const;

describe.each(SIDES)('whatever %s answers', (side) => {
  beforeAll(() => Logger.overrideLogger(false));

  it('there is a result, or an error that says what to do', async () => {
    await fc.assert(answering(ANSWERS[side], QUESTIONS[side]), runs(RUNS[side]));
  }, 600_000);

  it.each(foundOf(side))('and such as did harm once: %s', async (name) => {
    const found = new URL(`./fixtures/found-answers/${side}/${name}`, import.meta.url);
    for (const status of [200, 429]) {
      http.answer = { status, body: readFileSync(found, 'utf8') };
      await askAll(QUESTIONS[side]());
    }
  });
});

function foundOf(side: (typeof SIDES)[number]): readonly string[] {
  return readdirSync(new URL(`./fixtures/found-answers/${side}/`, import.meta.url));
}

function ofAmojo() {
  const crm = new AmojoCrmChat(http, new Clock(), new Settings());
  const conversation = { ...aConversation(), chatId: CHAT };
  const crmMessageId = 'b47f09ce-31d8-4a62-95e0-6c8d2f1a7b53';
  const message = aMessage();
  return {
    connect: () => crm.connect(LINE),
    openChat: () => crm.openChat(conversation, message.sender, LINE),
    messagesOf: () => crm.messagesOf(CHAT, { offset: 0, limit: 50 }, LINE),
    deliver: () => crm.deliver(message, conversation, LINE),
    find: () => crm.find(message, conversation, LINE),
    history: () => crm.history(conversation, LINE, 0),
    report: () => crm.report({ crmMessageId, status: 'read' }, LINE),
  };
}

function ofAmocrm() {
  const accounts = new OneAccount();
  const contacts = new AmocrmContacts(accounts);
  const sources = new AmocrmSources(accounts);
  const templates = new AmocrmTemplates(accounts);
  const hook = new AmocrmModerationHook(accounts);
  const directory = new AmocrmDirectory(http);
  const oauth = new AmocrmOauth(http, new Integration(OAUTH), new Lines([LINE]));
  const lead = { contactId: 41 };
  const address = 'https://bridge.example.test/webhooks/amocrm-account/t';
  return {
    withPhone: () => contacts.withPhone(CLIENT, LINE),
    ofChat: () => contacts.ofChat(CHAT, LINE),
    linkChat: () => contacts.linkChat(CHAT, 41, LINE),
    createLead: () => contacts.createLead(lead, LINE),
    findLead: () => contacts.findLead(lead, AT, LINE),
    linkLead: () => contacts.linkLead(77, 41, LINE),
    sources: () => sources.ensure(LINE),
    templates: () => templates.list(LINE),
    template: () => templates.find(LINE, '6955'),
    hasWaba: () => templates.hasWaba(LINE),
    askReview: () => templates.askReview(LINE, '6955'),
    hook: () => hook.state(LINE, address),
    amojoId: () => directory.amojoId({ baseUrl: 'https://a.example.test', token: 't' }),
    redeem: () => oauth.redeem('a.example.test', 'code'),
    account: () => oauth.account('a.example.test', 'token'),
  };
}

const OAUTH = {
  clientId: 'c',
  clientSecret: 's',
  redirectUri: 'https://bridge.example.test/oauth/amocrm/callback',
  secretKey: 'k',
  consentUrl: 'https://www.example.test/oauth',
} as const;

/** A catalogue keeps what it is told, so there is a new one for each answer. */
function ofEdna() {
  const api = new EdnaApi(http);
  const catalogue = new EdnaCatalogue(api, new Clock());
  const templates = new EdnaTemplates(catalogue, api);
  const settings = new Settings();
  const files = new EdnaFiles(new FakeSource(), new FakeLinks(''), settings);
  const routes = new EdnaRoutes(catalogue);
  const edna = new EdnaMessenger(api, routes, templates, settings, files, catalogue);
  const attachment = { url: 'https://files.example.test/a.pdf' };
  const file = { kind: 'file', attachment, caption: '' } as const;
  const place = { kind: 'location', latitude: 59.9, longitude: 30.3, address: '' } as const;
  const chosen = { externalId: '118', params: { '{{1}}': '118' } };
  const text = { kind: 'text', text: 'Order 118 is ready', template: chosen } as const;
  const span = { since: AT, until: new Date(AT.getTime() + 60_000) };
  return {
    route: () => edna.route(aConversation(), LINE),
    send: () => edna.send(aDispatch({ content: text }), LINE),
    find: () => edna.find(aDispatch(), AT, LINE),
    findFile: () => edna.find(aDispatch({ content: file }), AT, LINE),
    findPlace: () => edna.find(aDispatch({ content: place }), AT, LINE),
    inbound: () => edna.history('inbound', span, LINE, 0),
    outbound: () => edna.history('outbound', span, LINE, 0),
    templates: () => templates.list(LINE),
  };
}
