//! Which device an address is of: what one device may have is limited, and one device has
//! many addresses of IPv6.

use std::net::{IpAddr, Ipv6Addr};

/// The bits of an address that name its network. The other 64 are the device's own choice
/// (RFC 4291 §2.5.4): it has as many addresses as it likes, and changes them (RFC 8981).
const NETWORK: u128 = !0 << 64;

/// The address by which a device is counted: its own of IPv4, also where that is written
/// as IPv6 (`::ffff:192.0.2.1`); of IPv6, that of its network. Devices that share a network
/// count as one, like those behind one address of IPv4 (NAT).
///
/// A server on `::` takes connections of IPv4, too, and is told `::ffff:192.0.2.1` of them
/// (RFC 4291 §2.5.5.2): such a device is the same as on `0.0.0.0`.
///
/// A link-local or unique local address is counted as it is: in a room, all devices have
/// that network in common. The zone of a link-local one (`fe80::1%eth0`, RFC 4007 §6) is
/// none of an [`IpAddr`]'s: with the same address on two interfaces, two devices are one.
#[must_use]
pub fn of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) if !is_local(address) => {
            Ipv6Addr::from_bits(address.to_bits() & NETWORK).into()
        }
        address => address,
    }
}

fn is_local(address: Ipv6Addr) -> bool {
    address.is_loopback()
        || address.is_unicast_link_local()
        || address.is_unique_local()
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::*;

    #[test]
    fn a_device_is_counted_once_whichever_of_its_addresses_it_uses() {
        for (one, other, are_one) in [
            ("192.0.2.1", "::ffff:192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
            ("::ffff:192.0.2.1", "::ffff:192.0.2.2", false),
            ("2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff", true),
            ("2001:db8:0:1::1", "2001:db8:0:2::1", false),
            ("::1", "::1", true),
            ("fe80::1", "fe80::2", false),
            ("fd00::1", "fd00::2", false),
        ] {
            let [a, b] = [one, other].map(|text| of(text.parse().unwrap()));
            assert_eq!(a == b, are_one, "{one} and {other}: {a} and {b}");
        }
    }

    #[test]
    fn the_zone_of_a_link_local_address_is_not_told_apart() {
        let [one, other] = ["[fe80::1%1]:80", "[fe80::1%2]:80"]
            .map(|text| text.parse::<SocketAddr>().unwrap());
        assert_ne!(one, other);
        assert_eq!(of(one.ip()), of(other.ip()));
    }
}
