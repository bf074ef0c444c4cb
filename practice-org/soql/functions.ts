/**
 * Functions of a single row: date functions, FORMAT, toLabel, convertCurrency, DISTANCE.
 *
 * @module
 */
import { refusal } from "../errors.ts";
import type { Field, Value } from "../schema.ts";
import type { Operand } from "./conditions.ts";
import { DATE_FUNCTIONS } from "./dates.ts";
import type { Names } from "./names.ts";
import type { Call, Expression, Literal, Path } from "./parse.ts";

const MILES_PER_KM = 0.621371;
const EARTH_RADIUS = 6371; // km

/** Compiles an expression to a reader of rows. */
export function operandOf(names: Names, expression: Expression): Operand<number> {
  if (expression.type === "path") {
    const { read, field } = names.resolve(expression);
    return { read, type: field.type, name: expression.text, at: expression.at };
  }
  const { name, text, at } = expression;
  if (name in DATE_FUNCTIONS) return dateFunction(names, expression);
  if (name === "DISTANCE") return { ...distance(names, expression), name: text, at };
  const [argument] = expression.args as [Expression];
  switch (name) {
    case "TOLABEL":
    case "CONVERTCURRENCY":
      return { ...operandOf(names, argument), name: text, at };
    case "FORMAT": {
      const { read, type } = operandOf(names, argument);
      return { read: (row) => formatted(type, read(row)), type: "string", name: text, at };
    }
    default:
      throw refusal(400, "MALFORMED_QUERY", `The practice org does not support ${text}`);
  }
}

function dateFunction(names: Names, call: Call): Operand<number> {
  const [argument] = call.args as [Expression];
  // Every user is in GMT, so convertTimezone() changes nothing.
  const inner = argument.type === "call" && argument.name === "CONVERTTIMEZONE"
    ? argument.args[0] as Expression
    : argument;
  const { read, type } = operandOf(names, inner);
  if (type !== "date" && type !== "datetime") {
    const message = `field ${innermostPath(call).text} does not support the function ${call.name}`;
    throw names.statement.errorAt(call.at, "INVALID_FIELD", message);
  }
  const compute = DATE_FUNCTIONS[call.name]!;
  return {
    read: (row) => {
      const value = read(row);
      return value === null ? null : compute(new Date(String(value).replace("+0000", "Z")));
    },
    type: call.name === "DAY_ONLY" ? "date" : "int",
    name: call.text,
    at: call.at,
  };
}

/** Returns the field inside nested functions. */
export function innermostPath(expression: Expression): Path {
  if (expression.type === "path") return expression;
  return innermostPath(expression.args[0] as Expression);
}

/** Returns a value as FORMAT() shows it to a user in the United States. */
export function formatted(type: Field["type"], value: Value): Value {
  if (value === null) return null;
  if (type === "currency") {
    return Number(value).toLocaleString("en-US", { style: "currency", currency: "USD" });
  }
  if (typeof value === "number") return value.toLocaleString("en-US");
  if (type !== "date" && type !== "datetime") return value;
  const date = new Date(String(value).replace("+0000", "Z"));
  const day = date.toLocaleDateString("en-US", { timeZone: "GMT" });
  if (type === "date") return day;
  const time = date.toLocaleTimeString("en-US", { timeZone: "GMT", timeStyle: "short" });
  // Some runtimes write a narrow space before AM and PM.
  return `${day}, ${time.replaceAll("\u202f", " ")}`;
}

type Point = [latitude: number, longitude: number];

function distance(names: Names, { args }: Call): Pick<Operand<number>, "read" | "type"> {
  const [from, to, unit] = args as [Path, Path | Call, Literal];
  const [start, end] = [pointOf(names, from), pointOf(names, to)];
  const factor = /mi/i.test(unit.text) ? MILES_PER_KM : 1;
  return {
    type: "double",
    read: (row) => {
      const [a, b] = [start(row), end(row)];
      return a && b ? kilometres(a, b) * factor : null;
    },
  };
}

function pointOf(names: Names, place: Path | Call): (row: number) => Point | undefined {
  if (place.type === "call") {
    const point = place.args.map((arg) => Number((arg as Literal).text)) as Point;
    return () => point;
  }
  const { read, field } = names.resolve(place);
  if (field.type !== "address") {
    const message = `field ${place.text} is not a geolocation or an address`;
    throw names.statement.errorAt(place.at, "INVALID_FIELD", message);
  }
  return (row) => {
    const address = read(row) as { latitude: number | null; longitude: number | null } | null;
    if (address === null || address.latitude === null || address.longitude === null) return;
    return [address.latitude, address.longitude];
  };
}

function kilometres([latitude, longitude]: Point, [toLatitude, toLongitude]: Point): number {
  const radians = (degrees: number) => degrees * Math.PI / 180;
  const haversine = (angle: number) => Math.sin(radians(angle) / 2) ** 2;
  const across = Math.cos(radians(latitude)) * Math.cos(radians(toLatitude));
  const part = haversine(toLatitude - latitude) + across * haversine(toLongitude - longitude);
  return 2 * EARTH_RADIUS * Math.asin(Math.sqrt(Math.min(part, 1)));
}
