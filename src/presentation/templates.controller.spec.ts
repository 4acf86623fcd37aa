import { aLine } from '../../test/builders.js';
import type { CrmAccess } from '../domain/crm-access.js';
import { Lines } from '../domain/line.js';
import type { SyncLineTemplates } from '../use-cases/sync-line-templates.js';
import { TemplatesController } from './templates.controller.js';

describe('templates of a line whose account nothing gives access to', () => {
  const line = { ...aLine(), name: 'Acme' };
  const access = { isOpen: () => false } as unknown as CrmAccess;
  const sync = {} as unknown as SyncLineTemplates;
  const controller = new TemplatesController(sync, new Lines([line]), access);
  const news: string[] = [];
  const tell = (progress: string) => void news.push(progress);

  it('are not done where they were asked for', async () => {
    expect(await controller.sync({ dryRun: false, line: 'Acme' }, tell)).toEqual([
      { line: 'Acme', error: 'nothing gives access to its account' },
    ]);
  });

  it('are left out among all, which is said', async () => {
    expect(await controller.sync({ dryRun: false }, tell)).toEqual([]);
    expect(news).toEqual(['Acme: left out, nothing gives access to its account']);
  });
});
