import Sequencer from '@jest/test-sequencer';

/** Where a run would otherwise end with one of them alone, while the other processor has nothing to do. */
const SLOW = [
  'test/torture.e2e-spec.ts',
  'test/page.e2e-spec.ts',
  'src/infrastructure/journal/journal.spec.ts',
  'test/scenarios.e2e-spec.ts',
  'test/planted-scenarios.e2e-spec.ts',
  'test/template-moderation.e2e-spec.ts',
  'bench/fuzz/fuzz.e2e-spec.ts',
  'test/reconcile.e2e-spec.ts',
  'src/infrastructure/media/s3-store.spec.ts',
  'test/restart.e2e-spec.ts',
  'test/killed.e2e-spec.ts',
  'test/cli.e2e-spec.ts',
  'test/templates-sync.e2e-spec.ts',
  'test/reinstall.e2e-spec.ts',
];

/** Begins with what takes longest; jest itself knows that only where it has run before. */
export default class SlowFirst extends Sequencer {
  /** @override */
  sort(tests) {
    const rank = ({ path }) => SLOW.findIndex((name) => path.endsWith(name));
    const slow = tests.filter((test) => rank(test) >= 0);
    const others = tests.filter((test) => rank(test) < 0);
    return [...slow.toSorted((one, other) => rank(one) - rank(other)), ...super.sort(others)];
  }
}
