import { availableParallelism } from 'node:os';
import { bundled, bundleModules } from './test/spec-modules.ts';

await bundleModules();

/** @type {import('jest').Config} */
export default {
  // More than processors: end-to-end specs wait for something half of their time. On two processors 185 s with two of
  // them, 157 s with four.
  maxWorkers: 2 * Math.max(2, availableParallelism()),
  // Ends what hangs. How fast the bridge is, no spec says by it: two busy processors hold up a step for seconds.
  testTimeout: 90_000,
  // Modules of every suite stay in the process that ran it, and collecting takes the longer the more there are.
  workerIdleMemoryLimit: '500MB',
  roots: ['<rootDir>/src', '<rootDir>/test', '<rootDir>/sandbox', '<rootDir>/bench'],
  testSequencer: '<rootDir>/test/slow-first.js',
  testRegex: ['\\.spec\\.ts$', '\\.e2e-spec\\.ts$'],
  extensionsToTreatAsEsm: ['.ts'],
  // What ends in `.json.js` is a module around JSON, which Node takes and the JSON beside it is not.
  moduleNameMapper: { ...bundled, '^(\\.{1,2}/.*(?<!\\.json))\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  testEnvironment: 'node',
  globalSetup: '<rootDir>/test/jest-setup.ts',
  globalTeardown: '<rootDir>/test/jest-teardown.ts',
};
