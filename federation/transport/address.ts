import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

// Which addresses we may connect to on behalf of a peer: global unicast and nothing else. It is a positive list,
// because every list of forbidden ranges so far has missed one (NAT64, 6to4, carrier-grade NAT, 0.0.0.0/8).

// What ipaddr.js calls unicast although it is not for the internet, or is a tunnel to any address at all.
const special = [
  '192.88.99.0/24', // 6to4 relays
  '198.18.0.0/15', // benchmarks
  '2001::/23', // protocol assignments: Teredo, ORCHID, benchmarks
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4
  '2620:4f:8000::/48', // AS112
  '3fff::/20', // documentation
].map((text) => ipaddr.parseCIDR(text))

const mapped = /^::ffff:[0-9.]+$/i
const globalUnicast = ipaddr.parseCIDR('2000::/3')

/** True for an address of the public internet. IPv4 inside IPv6 counts as what it is; other spellings are refused. */
export function isPublicAddress(text: string): boolean {
  // isIP first: ipaddr.js also reads 0x7f.1 and 2130706433. A zone is for link-local addresses only.
  if (isIP(text) === 0 || text.includes('%')) return false
  // And it reads ::8.8.8.8 as ::ffff:8.8.8.8, while a socket would go to another place.
  if (text.includes(':') && text.includes('.') && !mapped.test(text)) return false
  const address = ipaddr.process(text)
  if (address.range() !== 'unicast') return false
  if (address.kind() === 'ipv6' && !address.match(globalUnicast)) return false
  return !special.some(([range, bits]) => range.kind() === address.kind() && address.match(range, bits))
}
