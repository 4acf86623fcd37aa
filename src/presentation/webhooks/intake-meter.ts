/** Counts what comes in. */
export abstract class IntakeMeter {
  /**
   * @param kind the type of the event, or `ignored`
   * @param filed what became of it; of what was ignored, why
   */
  abstract count(side: 'edna' | 'amocrm' | 'api', kind: string, filed: string): void;
}
