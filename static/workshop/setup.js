// What this workshop consists of: ports and chapters. Asked once a page.
export const setup = fetch('/setup', { cache: 'no-store' }).then((response) => response.json());

// Where a technique answers.
export async function portOf(technique) {
  return (await setup).techniques.find(({ name }) => name === technique).port;
}
