import { Injectable } from '@nestjs/common';

/** The wall clock, so that a spec can set it. */
@Injectable()
export class Clock {
  now(): Date {
    return new Date();
  }
}
