import { Injectable } from '@nestjs/common';
import type { Line } from '../../domain/line.js';
import { Http } from '../http.js';
import type { Answer } from '../http-answer.js';

/** Requests to edna with a line's key. Throws as `Http.send` does. */
@Injectable()
export class EdnaApi {
  constructor(private readonly http: Http) {}

  deadline(): number {
    return this.http.deadline();
  }

  post(line: Line, path: string, body: object, deadline?: number): Promise<Answer> {
    const headers = { ...keyOf(line), 'Content-Type': 'application/json' };
    const url = urlOf(line, path);
    const request = { upstream: 'edna', method: 'POST', url, headers } as const;
    return this.http.send({ ...request, body: JSON.stringify(body) }, deadline);
  }

  get(line: Line, path: string, deadline?: number): Promise<Answer> {
    const url = urlOf(line, path);
    const request = { upstream: 'edna', method: 'GET', url, headers: keyOf(line) } as const;
    return this.http.send(request, deadline);
  }
}

function keyOf(line: Line) {
  return { 'X-API-KEY': line.edna.apiKey, Accept: 'application/json' };
}

function urlOf(line: Line, path: string): string {
  return line.edna.baseUrl.replace(/\/+$/, '') + path;
}
