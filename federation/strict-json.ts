import { limits } from '#schema/limits.ts'
import type { Accepted, Refused } from './outcome.ts'

// The one reader for JSON that comes from elsewhere. It accepts a subset of what JSON.parse accepts and
// then yields the same value; whatever two parsers could understand differently is refused (rules J1 to J9
// of SPEC.md). It stops at the first fault, and counts while it reads: depth, names and elements beyond the
// limits end it there, however long the rest of the text is.

export type JsonLimits = { readonly depth: number; readonly names: number; readonly elements: number }

/** `at` is the byte offset of what was at fault (0 when it is not UTF-8), `detail` the reason in one word. */
export type JsonRefused = Refused & {
  readonly code: 'json-strict'
  readonly detail: string
  readonly at: number
}

export type JsonObject = { [name: string]: unknown }

const standard: JsonLimits = {
  depth: limits.jsonDepthMax,
  names: limits.jsonNamesPerObjectMax,
  elements: limits.jsonArrayLengthMax,
}

/**
 * Reads one JSON text. The caller has checked its size already.
 *
 * @returns the value, numbers being safe integers only; or `json-strict` with the reason and the byte offset
 */
export function readStrictJson(
  input: Uint8Array | string,
  bounds: JsonLimits = standard,
): Accepted<unknown> | JsonRefused {
  const text = typeof input === 'string' ? input : decodeUtf8(input)
  if (text === undefined || (typeof input === 'string' && !input.isWellFormed())) return refused('utf-8', 0)
  const reader: Reader = { text, at: 0, depth: 0, bounds }
  try {
    skipSpace(reader)
    const value = readValue(reader)
    skipSpace(reader)
    if (reader.at < text.length) fail(reader, 'trailing') // J2
    return { ok: true, value }
  } catch (fault) {
    if (!(fault instanceof Stop)) throw fault
    return refused(fault.why, Buffer.byteLength(text.slice(0, fault.at)))
  }
}

/** Like readStrictJson, for the many places where only an object makes sense. */
export function readStrictObject(input: Uint8Array | string): Accepted<JsonObject> | JsonRefused {
  const read = readStrictJson(input)
  if (!read.ok) return read
  return isObject(read.value) ? { ok: true, value: read.value } : refused('not-an-object', 0)
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

type Reader = { readonly text: string; at: number; depth: number; readonly bounds: JsonLimits }

// Thrown and caught in this file only. Not an Error: a hostile text must not buy a stack trace.
class Stop {
  readonly why: string
  readonly at: number

  constructor(why: string, at: number) {
    this.why = why
    this.at = at
  }
}

function fail(reader: Reader, why: string, at: number = reader.at): never {
  throw new Stop(why, at)
}

function refused(why: string, at: number): JsonRefused {
  return { ok: false, code: 'json-strict', detail: why, at }
}

// ignoreBOM keeps a byte order mark in the text, where it is a syntax fault (J1).
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}

const quote = 0x22
const comma = 0x2c
const minus = 0x2d
const digit0 = 0x30
const digit9 = 0x39
const colon = 0x3a
const openArray = 0x5b
const backslash = 0x5c
const closeArray = 0x5d
const openObject = 0x7b
const closeObject = 0x7d

function skipSpace(reader: Reader): number {
  const { text } = reader
  let at = reader.at
  let code = text.charCodeAt(at)
  while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) code = text.charCodeAt(++at)
  reader.at = at
  return code
}

function readValue(reader: Reader): unknown {
  const code = reader.text.charCodeAt(reader.at)
  if (code === quote) return readString(reader)
  if (code === openObject) return readObject(reader)
  if (code === openArray) return readArray(reader)
  if (code === minus || (code >= digit0 && code <= digit9)) return readInteger(reader)
  return readWord(reader)
}

function readObject(reader: Reader): JsonObject {
  enter(reader)
  const object: JsonObject = {}
  let names = 0
  if (skipSpace(reader) === closeObject) return leave(reader, object)
  for (;;) {
    const start = reader.at
    if (reader.text.charCodeAt(start) !== quote) fail(reader, 'name')
    if (++names > reader.bounds.names) fail(reader, 'names') // J7
    const name = readString(reader)
    if (name === '__proto__' || name === 'constructor' || name === 'prototype')
      fail(reader, 'name-reserved', start) // J4
    if (Object.hasOwn(object, name)) fail(reader, 'name-twice', start) // J3
    if (skipSpace(reader) !== colon) fail(reader, 'syntax')
    reader.at++
    skipSpace(reader)
    object[name] = readValue(reader)
    const next = skipSpace(reader)
    if (next === closeObject) return leave(reader, object)
    if (next !== comma) fail(reader, 'syntax')
    reader.at++
    skipSpace(reader)
  }
}

function readArray(reader: Reader): unknown[] {
  enter(reader)
  const array: unknown[] = []
  if (skipSpace(reader) === closeArray) return leave(reader, array)
  for (;;) {
    if (array.length === reader.bounds.elements) fail(reader, 'elements') // J7
    array.push(readValue(reader))
    const next = skipSpace(reader)
    if (next === closeArray) return leave(reader, array)
    if (next !== comma) fail(reader, 'syntax')
    reader.at++
    skipSpace(reader)
  }
}

function enter(reader: Reader): void {
  if (++reader.depth > reader.bounds.depth) fail(reader, 'depth') // J7
  reader.at++
}

function leave<T>(reader: Reader, value: T): T {
  reader.depth--
  reader.at++
  return value
}

function readString(reader: Reader): string {
  const { text } = reader
  const start = reader.at + 1
  let at = start
  let code = text.charCodeAt(at)
  while (code !== quote && code !== backslash && code >= 0x20) code = text.charCodeAt(++at)
  if (code === quote) {
    reader.at = at + 1
    return text.slice(start, at)
  }
  if (code !== backslash) fail(reader, at < text.length ? 'control-character' : 'truncated', at)
  return readEscapedString(reader, at)
}

// The end is found here, what the escapes mean is left to JSON.parse.
function readEscapedString(reader: Reader, firstEscape: number): string {
  const { text } = reader
  const start = reader.at
  let at = firstEscape
  let code = backslash
  while (code !== quote) {
    if (at >= text.length) fail(reader, 'truncated', text.length)
    at += code === backslash ? 2 : 1
    code = text.charCodeAt(at)
  }
  const value = unescape(text.slice(start, at + 1))
  if (value === undefined) fail(reader, 'escape')
  if (!value.isWellFormed()) fail(reader, 'lone-surrogate') // J5
  if (value.includes('\0')) fail(reader, 'nul') // J5
  reader.at = at + 1
  return value
}

function unescape(literal: string): string | undefined {
  try {
    return JSON.parse(literal) as string
  } catch {
    return undefined
  }
}

function readInteger(reader: Reader): number {
  const { text } = reader
  const start = reader.at
  const negative = text.charCodeAt(start) === minus
  const first = negative ? start + 1 : start
  let at = first
  let value = 0
  let code = text.charCodeAt(at)
  while (code >= digit0 && code <= digit9) {
    // The parentheses keep the sum exact up to the very limit.
    value = value * 10 + (code - digit0)
    if (value > Number.MAX_SAFE_INTEGER) fail(reader, 'integer-range') // J6
    code = text.charCodeAt(++at)
  }
  if (at === first) fail(reader, 'syntax')
  if (code === 0x2e || code === 0x45 || code === 0x65) fail(reader, 'not-an-integer') // J6: . E e
  if (text.charCodeAt(first) === digit0 && (at > first + 1 || negative)) fail(reader, 'integer-form') // J6: 01, -0
  reader.at = at
  return negative ? -value : value
}

function readWord(reader: Reader): boolean | null {
  const { text, at } = reader
  if (text.startsWith('true', at)) return word(reader, 4, true)
  if (text.startsWith('false', at)) return word(reader, 5, false)
  if (text.startsWith('null', at)) return word(reader, 4, null)
  if (at >= text.length) fail(reader, 'truncated')
  return fail(reader, text.charCodeAt(at) === 0xfeff ? 'byte-order-mark' : 'syntax') // J1
}

function word<T>(reader: Reader, length: number, value: T): T {
  reader.at += length
  return value
}
