// What this workshop consists of: ports and chapters. Asked once a page.
export const setup = fetch('/setup', { cache: 'no-store' }).then((response) => response.json());

// Where one of its ports is found by this page: a proxy stands as far before each as it does
// before the one that this page came from. (At a port that is not written, there is but one.)
export async function portHere(port) {
  const { here } = await setup;
  return location.port ? port + Number(location.port) - here : port;
}

// Where a technique answers.
export async function portOf(technique) {
  return portHere((await setup).techniques.find(({ name }) => name === technique).port);
}
