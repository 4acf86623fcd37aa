import {
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import type { Request } from 'express';
import { JournalUnavailable } from '../../domain/errors.js';
import { Filing } from './filing.js';

/**
 * Before somebody asks the journal, it has what webhooks brought: a program may have heard of it from elsewhere. Who only
 * reads is answered also while nothing can be written.
 */
@Injectable()
export class AllFiled implements NestInterceptor {
  constructor(private readonly filing: Filing) {}

  /** @throws JournalUnavailable */
  async intercept(context: ExecutionContext, next: CallHandler) {
    const { method } = context.switchToHttp().getRequest<Request>();
    try {
      await this.filing.fileAll();
    } catch (error) {
      if (method !== 'GET' || !(error instanceof JournalUnavailable)) throw error;
    }
    return next.handle();
  }
}
