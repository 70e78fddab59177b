import { expect, it } from 'vitest';
import { settle } from '../testing/settle.ts';
import { AT_ONCE, createQuestions } from './questions.ts';

const many = Array.from({ length: AT_ONCE + 3 }, (_, index) => String(1001 + index));

it('[RG12] [OP2] a few at a time, in order; one that waits serves all who ask; a refusal stops nobody', async () => {
  const sent: string[] = [];
  const ends: (() => void)[] = [];
  const questions = createQuestions({
    qualify(extension) {
      sent.push(extension);
      return new Promise((resolve, reject) =>
        ends.push(() => (extension === '1002' ? reject(new Error('refused')) : resolve())),
      );
    },
  });
  const results = many.map((extension) =>
    questions.put(extension).then(
      () => 'taken',
      () => 'refused',
    ),
  );
  const last = many.at(-1)!;
  const again = questions.put(last);
  expect(sent).toEqual(many.slice(0, AT_ONCE));
  ends[0]?.();
  ends[1]?.();
  await settle();
  expect(sent).toEqual(many.slice(0, AT_ONCE + 2));
  for (let one = 2; one < many.length; one += 1) {
    ends[one]?.();
    await settle();
  }
  await again;
  expect([sent, await Promise.all(results)]).toEqual([
    many,
    many.map((extension) => (extension === '1002' ? 'refused' : 'taken')),
  ]);
});
