import {
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { Filing } from './filing.js';

/** Before somebody asks the journal, it has what webhooks brought: a program may have heard of it from elsewhere. */
@Injectable()
export class AllFiled implements NestInterceptor {
  constructor(private readonly filing: Filing) {}

  /** @throws JournalUnavailable */
  async intercept(_: ExecutionContext, next: CallHandler) {
    await this.filing.fileAll();
    return next.handle();
  }
}
