import type { Reporter, TestModule } from 'vitest/node';

/**
 * Names each test that failed and then passed, with what it failed of: such a test is to be mended, though one slow moment
 * of the machine does not fail the whole run.
 */
export class SecondTries implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const lines = modules.flatMap((module) =>
      [...module.children.allTests()]
        .filter((test) => test.diagnostic()?.flaky)
        .map((test) => {
          const [first] = test.result().errors ?? [];
          return `  ${module.relativeModuleId} > ${test.fullName}\n    ${first?.message.split('\n', 1)[0] ?? 'no message'}`;
        }),
    );
    if (lines.length > 0) console.log(`Passed at the second try only:\n${lines.join('\n')}\n`);
  }
}
