import type { NestExpressApplication } from '@nestjs/platform-express';
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { APP_FILTER } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { Lines, type Line } from '../src/domain/line.js';
import type { MediaFault } from '../src/domain/media.js';
import type { Attachment, AttachmentKind } from '../src/domain/message.js';
import { Settings } from '../src/domain/settings.js';
import { FolderStore } from '../src/infrastructure/media/folder-store.js';
import { GuardedAgents } from '../src/infrastructure/media/guarded-agents.js';
import { MediaLimits } from '../src/infrastructure/media/media-limits.js';
import { HttpMediaSource } from '../src/infrastructure/media/media-source.js';
import { SignedMediaLinks } from '../src/infrastructure/media/signed-links.js';
import { ErrorFilter } from '../src/presentation/error.filter.js';
import { MediaController } from '../src/presentation/media/media.controller.js';
import { ServingLimits } from '../src/presentation/media/serving-limits.js';
import { OpenFile } from '../src/use-cases/open-file.js';
import { aLine } from './builders.js';
import { aFile, FakeFiles } from './fakes/media.js';
import { FileServer } from './file-server.js';

const writtenAt = new Date('2026-02-03T09:20:41Z');

/** The route of files by itself: signed links, a folder of copies, and a source that behaves as the spec wants. */
export class FileDoor {
  /** What the source answers. */
  answer: (request: IncomingMessage, response: ServerResponse) => void = (_, response) =>
    void response.end();
  /** Why copies cannot be read; else the folder is asked. */
  copies?: MediaFault;
  readonly files = new FakeFiles();
  readonly limits = new MediaLimits({ headMs: 2_000, idleMs: 2_000 });
  readonly serving = new ServingLimits();
  private readonly folder = mkdtempSync(join(tmpdir(), 'bridge-door-'));
  private server!: FileServer;
  private line!: Line;
  private links!: SignedMediaLinks;
  private app!: NestExpressApplication;

  static async open(serving: Partial<ServingLimits> = {}): Promise<FileDoor> {
    const door = new FileDoor();
    Object.assign(door.serving, serving);
    await door.start();
    return door;
  }

  private async start(): Promise<void> {
    this.server = await FileServer.start((request, response) => this.answer(request, response));
    this.line = aLine({ baseUrl: this.server.url });
    const lines = new Lines([this.line]);
    const publicUrl = 'https://bridge.example.test';
    const settings = new Settings({ publicUrl, mediaDir: this.folder });
    this.links = new SignedMediaLinks(lines, settings, { now: () => writtenAt });
    const store = new FolderStore(settings, async () => Infinity);
    const read = store.open.bind(store);
    store.open = (...file) => (this.copies ? Promise.reject(this.copies) : read(...file));
    const source = new HttpMediaSource(new GuardedAgents(lines), this.limits);
    const module = await Test.createTestingModule({
      controllers: [MediaController],
      providers: [
        { provide: OpenFile, useValue: new OpenFile(this.links, this.files, store, source) },
        { provide: ServingLimits, useValue: this.serving },
        { provide: APP_FILTER, useClass: ErrorFilter },
      ],
    }).compile();
    this.app = module.createNestApplication<NestExpressApplication>({ logger: false });
    await this.app.listen(0, '127.0.0.1');
  }

  get source(): FileServer {
    return this.server;
  }

  /** Files a message with a file of the source. @returns our link to it */
  async link(of: Partial<Attachment> & { readonly kind?: AttachmentKind } = {}): Promise<string> {
    const { kind = 'file', ...rest } = of;
    const attachment = { url: `${this.server.url}/a`, ...rest };
    const file = aFile({ content: { kind, attachment } });
    this.files.files.set(file.messageId, file);
    const url = this.links.to({ ...file, since: writtenAt }, 'price.pdf', this.line) ?? '';
    return (await this.app.getUrl()) + new URL(url).pathname;
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.server.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
