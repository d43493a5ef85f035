import { expect, test } from 'vitest';
import { registerCommands } from '../../../core/aws/sagemaker.ts';

const model = {
  name: 'digits',
  sweepId: 'digits-1',
  trialId: '0a1b',
  metric: 'val/acc',
  value: 0.75,
  url: 's3://models/digits/model.tar.gz',
};

test('a model in a bucket is registered as a version of its group, with where it comes from', () => {
  expect(registerCommands(model, 's3://models/digits/model.tar.gz')).toBe(
    [
      'aws sagemaker create-model-package-group --model-package-group-name digits',
      'aws sagemaker create-model-package --model-package-group-name digits \\',
      '  --model-approval-status PendingManualApproval \\',
      `  --customer-metadata-properties '{"sweepId":"digits-1","trialId":"0a1b","metric":"val/acc","value":"0.75"}' \\`,
      `  --inference-specification '{"Containers":[{"Image":"IMAGE","ModelDataUrl":"s3://models/digits/model.tar.gz"}],` +
        `"SupportedContentTypes":["application/json"],"SupportedResponseMIMETypes":["application/json"]}'`,
    ].join('\n'),
  );
});

test('one on this machine is copied to a bucket first', () => {
  const commands = registerCommands({ ...model, url: null }, '/my models/model.tar.gz');
  expect(commands).toMatch(/^aws s3 cp '\/my models\/model\.tar\.gz' s3:\/\/BUCKET\/digits-1\/model\.tar\.gz\n/);
  expect(commands).toContain('"ModelDataUrl":"s3://BUCKET/digits-1/model.tar.gz"');
});

test('names and values are what SageMaker takes', () => {
  const commands = registerCommands({ ...model, name: '-digits-', metric: "f1 (top'5)", value: null }, 'x');
  expect(commands).toContain('--model-package-group-name digits\n');
  expect(commands).toContain('"metric":"f1 _top_5_"}');
});
