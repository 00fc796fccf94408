/** What an OpenAPI document of either service must have, for their tests. */

interface Operation {
  readonly operationId?: string;
  readonly responses?: Readonly<Record<string, Described>>;
}

interface Described {
  readonly content?: Readonly<Record<string, { readonly schema?: object }>>;
}

/** Statuses that every operation describes. */
const EVERYWHERE = ["400", "404", "405", "421", "500"];

/** Operations without a name or with that of another, statuses and schemas that are missing. */
export function openApiFaults(api: object): string[] {
  const { paths } = api as { paths: Record<string, Record<string, Operation>> };
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ at: `${method} ${path}`, operation })),
  );
  const names = operations.map(({ operation }) => operation.operationId ?? "none");
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  return [
    ...repeatedValues(api),
    ...twice.map((name) => `operationId ${name} twice`),
    ...operations.flatMap(({ at, operation }) =>
      operationFaults(operation).map((it) => `${at}: ${it}`),
    ),
  ];
}

function operationFaults({ operationId, responses = {} }: Operation): string[] {
  const faults = operationId === undefined ? ["no operationId"] : [];
  for (const status of EVERYWHERE) if (!(status in responses)) faults.push(`no ${status}`);
  for (const [status, { content = {} }] of Object.entries(responses)) {
    const schemas = Object.values(content).map(({ schema }) => schema);
    if (schemas.length === 0 || schemas.includes(undefined))
      faults.push(`${status} without schema`);
  }
  return faults;
}

/** Enumerations that list a value twice: JSON Schema forbids it, and generators stop at it. */
function repeatedValues(api: object): string[] {
  const lists = [...JSON.stringify(api).matchAll(/"enum":(\[[^\]]*\])/g)];
  return lists.flatMap(([, list = "[]"]) => {
    const values = JSON.parse(list) as unknown[];
    return values.filter((value, at) => values.indexOf(value) !== at).map((it) => `${it} twice`);
  });
}
