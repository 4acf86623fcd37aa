import { Controller, Get, HttpCode, Param, Post, Req, Res, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Lines, type Line } from '../../domain/line.js';
import { SwitchedOff } from '../../domain/ports.js';
import { AdminGuard } from '../admin.guard.js';
import { Connections } from '../dispatcher/connections.js';
import { Gates } from '../dispatcher/gates.js';
import { DOCS, Documented } from './api-docs.js';
import { ApiLines } from './api-lines.js';
import { Once } from './once.js';

/** Lines, and whether their accounts are connected to their channels. */
@Controller('api/v1')
@UseGuards(AdminGuard)
@ApiTags('api')
@ApiBearerAuth()
export class ChannelsController {
  constructor(
    private readonly lines: Lines,
    private readonly find: ApiLines,
    private readonly switchedOff: SwitchedOff,
    private readonly gates: Gates,
    private readonly once: Once,
    private readonly connections: Connections,
  ) {}

  @Get('lines')
  @Documented(DOCS.lines)
  async list(): Promise<{ readonly lines: readonly object[] }> {
    return { lines: await Promise.all(this.lines.all.map((line) => this.view(line))) };
  }

  @Post('channels/:line/connect')
  @HttpCode(200)
  @Documented(DOCS.connect)
  connect(
    @Param('line') named: string,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<unknown> {
    const line = this.find.line(named);
    return this.once.answer(request, response, 'honoured', async () => {
      await this.connections.connectAgain(line);
      return { status: 200, body: await this.view(line) };
    });
  }

  @Post('channels/:line/disconnect')
  @HttpCode(200)
  @Documented(DOCS.disconnect)
  disconnect(
    @Param('line') named: string,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<unknown> {
    const line = this.find.line(named);
    return this.once.answer(request, response, 'honoured', async () => {
      await this.connections.disconnect(line);
      return { status: 200, body: await this.view(line) };
    });
  }

  private async view(line: Line): Promise<object> {
    const { key, name, scopeId, amo, edna } = line;
    const isOff = await this.switchedOff.has(scopeId);
    const isConnected = this.gates.isConnected(key);
    return {
      line: name ?? key,
      key,
      scopeId,
      accountId: amo.accountId,
      ...(amo.sourceExternalId !== undefined && { source: amo.sourceExternalId }),
      ...(edna.channels && { channels: edna.channels }),
      state: isOff ? 'disconnected' : isConnected ? 'connected' : 'not-connected',
      toAmocrm: this.gates.of(line, 'crm').state,
      toEdna: this.gates.of(line, 'messenger').state,
    };
  }
}
