import { HandAlarm } from '../../test/fakes/alarm.ts';
import type { FiledMessages } from '../domain/filed-messages.js';
import { Lines } from '../domain/line.js';
import { Settings } from '../domain/settings.js';
import type { Reconcile } from '../use-cases/reconcile.js';
import { DispatcherMode } from './dispatcher/dispatcher.js';
import { Gates } from './dispatcher/gates.js';
import { Reconciler } from './reconciler.js';
import type { WebhookIntake } from './webhooks/webhook-intake.js';

describe('Reconciler', () => {
  it('compares once all that was received is filed', async () => {
    const order: string[] = [];
    const says = (word: string) => () => Promise.resolve(void order.push(word));
    const [alarm, settings] = [new HandAlarm(), new Settings()];
    const reconciler = new Reconciler(
      { execute: says('compared') } as unknown as Reconcile,
      {} as FiledMessages,
      { fileAll: says('filed') } as unknown as WebhookIntake,
      new Lines([]),
      new Gates(alarm, settings),
      alarm,
      settings,
      new DispatcherMode('at work'),
    );
    await reconciler.run({ since: new Date(0), apply: false });
    expect(order).toEqual(['filed', 'compared']);
  });
});
