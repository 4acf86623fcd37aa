import { Injectable } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { IntakeMeter } from './webhooks/intake-meter.js';

/** What is counted and timed. Labels are words of ours: never an id, a phone or a text. */
@Injectable()
export class Meter extends IntakeMeter {
  readonly registry = new Registry();

  private readonly accepted = new Counter({
    name: 'bridge_accepted_total',
    help: 'Webhook elements accepted, by side, kind and what became of them',
    labelNames: ['side', 'kind', 'filed'],
    registers: [this.registry],
  });
  private readonly handed = new Counter({
    name: 'bridge_handed_over_total',
    help: 'Messages the other side has taken',
    labelNames: ['direction'],
    registers: [this.registry],
  });
  private readonly handOverTime = new Histogram({
    name: 'bridge_hand_over_seconds',
    help: 'From acceptance until the other side has taken a message',
    labelNames: ['direction'],
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 3600],
    registers: [this.registry],
  });
  private readonly failures = new Counter({
    name: 'bridge_failed_total',
    help: 'Messages given up, by reason',
    labelNames: ['direction', 'reason'],
    registers: [this.registry],
  });
  private readonly attempts = new Counter({
    name: 'bridge_attempts_total',
    help: 'Tries, by lane and outcome',
    labelNames: ['lane', 'outcome'],
    registers: [this.registry],
  });
  private readonly attemptTime = new Histogram({
    name: 'bridge_attempt_seconds',
    help: 'How long tries take',
    labelNames: ['lane'],
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 6],
    registers: [this.registry],
  });
  private readonly answerTime = new Histogram({
    name: 'bridge_webhook_answer_seconds',
    help: 'How long webhooks wait for their answer',
    labelNames: ['side'],
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [this.registry],
  });
  readonly oldestWaiting = new Gauge({
    name: 'bridge_oldest_waiting_seconds',
    help: 'Age of the oldest message that is not handed over yet',
    labelNames: ['direction'],
    registers: [this.registry],
  });
  readonly failedInbound = new Gauge({
    name: 'bridge_failed_inbound',
    help: 'Client messages that did not reach amoCRM and can be resent',
    registers: [this.registry],
  });
  readonly quarantined = new Gauge({
    name: 'bridge_quarantined',
    help: 'Webhook bodies that could not be filed',
    registers: [this.registry],
  });
  readonly gateOpen = new Gauge({
    name: 'bridge_gate_open',
    help: '1 while messages of a line go through to an upstream',
    labelNames: ['line', 'upstream'],
    registers: [this.registry],
  });

  private readonly access = new Counter({
    name: 'bridge_amocrm_oauth_total',
    help: 'What happened to the access to amoCRM accounts',
    labelNames: ['event'],
    registers: [this.registry],
  });

  override count(side: 'edna' | 'amocrm' | 'api', kind: string, filed: string): void {
    this.accepted.inc({ side, kind, filed });
  }

  answered(side: 'edna' | 'amocrm', seconds: number): void {
    this.answerTime.observe({ side }, seconds);
  }

  handedOver(direction: string, waitedMs: number): void {
    this.handed.inc({ direction });
    this.handOverTime.observe({ direction }, waitedMs / 1_000);
  }

  accessChanged(event: string): void {
    this.access.inc({ event });
  }

  failed(direction: string, reason: string): void {
    this.failures.inc({ direction, reason });
  }

  attempted(lane: string, outcome: string, durationMs: number): void {
    this.attempts.inc({ lane, outcome });
    this.attemptTime.observe({ lane }, durationMs / 1_000);
  }
}

/** Times webhooks from their first byte to the end of the answer; amoCRM waits 5 s at most. */
export function answerTimes(meter: Meter) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const beganAt = performance.now();
    const side = request.path.startsWith('/edna') ? 'edna' : 'amocrm';
    response.once('finish', () => meter.answered(side, (performance.now() - beganAt) / 1_000));
    next();
  };
}
