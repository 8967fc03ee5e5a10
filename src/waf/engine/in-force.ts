import type { BodyProcessor, Control, EngineMode, RuleFilter, Settings } from '../seclang/rule.ts';
import type { RemovedTarget } from './exclusion.ts';

/** What is in force for one transaction: the set's settings, as far as rules have not changed them for it (`ctl`). */
export class InForce {
  mode: EngineMode;
  /** What reads the body. */
  processor: BodyProcessor | null = null;
  forceBody = false;
  requestBody: boolean;
  responseBody: boolean;
  requestBodyLimit: number;
  responseBodyLimit: number;
  readonly removed: RuleFilter[] = [];
  readonly removedTargets: RemovedTarget[];

  constructor(settings: Settings, exclusions: readonly RemovedTarget[]) {
    this.mode = settings.engine;
    this.requestBody = settings.requestBody;
    this.responseBody = settings.responseBody;
    this.requestBodyLimit = settings.requestBodyLimit;
    this.responseBodyLimit = settings.responseBodyLimit;
    this.removedTargets = [...exclusions];
  }

  change(control: Control): void {
    switch (control.kind) {
      case 'engine':
        this.mode = control.mode;
        return;
      case 'body-processor':
        this.processor = control.processor;
        return;
      case 'body-access':
        if (control.request) this.requestBody = control.on;
        else this.responseBody = control.on;
        return;
      case 'force-request-body':
        this.forceBody = control.on;
        return;
      case 'body-limit':
        if (control.request) this.requestBodyLimit = control.bytes;
        else this.responseBodyLimit = control.bytes;
        return;
      case 'remove-rules':
        this.removed.push(control.which);
        return;
      case 'remove-targets':
        this.removedTargets.push({ which: control.which, target: control.target });
    }
  }
}
