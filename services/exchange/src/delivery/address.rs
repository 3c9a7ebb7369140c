//! Where a webhook may go. Checked when a subscription is made, and again for every address that a name resolves to at every call, so that a name that
//! changes its mind afterwards (rebinding) leads nowhere.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use gongzhi_chassis::status::Failure;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Networks that are never called, not even when a subscription names them: loopback, link-local with the metadata services of clouds, multicast, and
/// what means no host.
const NEVER: [&str; 13] = [
    "0.0.0.0/8",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "100.100.100.200/32",
    "192.0.0.192/32",
    "fd00:ec2::254/128",
    "fd20:ce::254/128",
    "::/128",
    "::1/128",
    "fe80::/10",
    "ff00::/8",
];

/// Networks that are private: called only where a subscription names them, because receivers in government networks often are.
const PRIVATE: [&str; 11] = [
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "fc00::/7",
    "2001:db8::/32",
];

/// What the operator says of networks.
#[derive(Clone, Debug, Default)]
pub(crate) struct House {
    open: Vec<IpNet>,
    closed: Vec<IpNet>,
}

impl House {
    /// Reads the settings.
    pub(crate) fn parse(open: &str, closed: &str) -> Result<Self, Failure> {
        let read = |setting: &str, list: &str| -> Result<Vec<IpNet>, Failure> {
            let words = list.split(',').map(str::trim).filter(|word| !word.is_empty());
            words
                .map(|word| {
                    word.parse().map_err(|_| Failure::Bug(format!("{setting}: {word:?} is not a network")))
                })
                .collect()
        };
        let open = read("GONGZHI_WEBHOOK_NETWORKS", open)?;
        Ok(Self { open, closed: read("GONGZHI_WEBHOOK_CLOSED_NETWORKS", closed)? })
    }

    /// What forbids to call an address; none when nothing does.
    pub(crate) fn forbids(&self, address: IpAddr, allowed: &[IpNet]) -> Option<&'static str> {
        let address = plain(address);
        let within = |nets: &[IpNet]| nets.iter().any(|net| net.contains(&address));
        if within(&self.closed) {
            Some("lies in a network that the operator closed to webhooks")
        } else if within(&self.open) {
            None
        } else if within(&constant(&NEVER)) {
            Some("is a loopback, link-local, multicast or reserved address")
        } else if within(&constant(&PRIVATE)) && !within(allowed) {
            Some("is a private address that allowed_networks does not name")
        } else {
            None
        }
    }
}

/// An IPv4 address in whatever IPv6 clothes it comes (mapped, compatible, NAT64, 6to4).
fn plain(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    let segments = v6.segments();
    let of = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        IpAddr::V4(Ipv4Addr::new(a, b, c, d))
    };
    match segments {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => of(high, low),
        [0, 0, 0, 0, 0, 0, high, low] if v6 != Ipv6Addr::LOCALHOST && v6 != Ipv6Addr::UNSPECIFIED => {
            of(high, low)
        }
        [0x2002, high, low, ..] => of(high, low),
        _ => address,
    }
}

fn constant(list: &[&str]) -> Vec<IpNet> {
    list.iter().filter_map(|net| net.parse().ok()).collect()
}

/// Reads the networks of a subscription; what cannot be read was refused when it was made.
pub(crate) fn networks(list: &[String]) -> Vec<IpNet> {
    list.iter().filter_map(|net| net.parse().ok()).collect()
}

/// Everything that is wrong with a webhook's address and networks, by field.
pub(crate) fn wrong(url: &str, allowed: &[String]) -> Vec<(String, String)> {
    let mut wrong = Vec::new();
    match Url::parse(url) {
        Err(error) => wrong.push(("url".to_owned(), format!("is not an address: {error}"))),
        Ok(url) => {
            if !matches!(url.scheme(), "https" | "http") {
                wrong.push(("url".into(), "must begin with https:// or http://".into()));
            }
            if url.host_str().is_none() {
                wrong.push(("url".into(), "must name a host".into()));
            }
            if !url.username().is_empty() || url.password().is_some() {
                wrong.push((
                    "url".into(),
                    "must not carry a name or password; events are signed instead".into(),
                ));
            }
            if url.fragment().is_some() {
                wrong.push(("url".into(), "must not carry a fragment".into()));
            }
        }
    }
    // Readers of addresses drop some of these and keep others: what was checked would not be what is called.
    if url.chars().any(|letter| letter.is_control() || letter.is_whitespace()) {
        wrong.push(("url".into(), "must not contain spaces or control characters".into()));
    }
    if url.len() > 500 {
        wrong.push(("url".into(), "must have at most 500 characters".into()));
    }
    if allowed.len() > 10 {
        wrong.push(("allowed_networks".into(), "has at most 10 entries".into()));
    }
    for (nth, net) in allowed.iter().enumerate().take(10) {
        let said = match net.parse::<IpNet>() {
            Err(_) => Some("is not a network, for example 10.20.0.0/16"),
            Ok(net) if touches(&constant(&NEVER), &net) => {
                Some("holds loopback, link-local, multicast or reserved addresses, which are never called")
            }
            Ok(_) => None,
        };
        wrong.extend(said.map(|said| (format!("allowed_networks[{nth}]"), said.to_owned())));
    }
    wrong
}

fn touches(nets: &[IpNet], one: &IpNet) -> bool {
    nets.iter().any(|net| net.contains(one) || one.contains(net))
        && !matches!(one, IpNet::V4(net) if *net == Ipv4Net::default())
        && !matches!(one, IpNet::V6(net) if *net == Ipv6Net::default())
        || one.prefix_len() == 0
}

/// Resolves names to the addresses that may be called.
pub(super) struct Resolver {
    pub(super) house: Arc<House>,
    pub(super) allowed: Vec<IpNet>,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (house, allowed) = (self.house.clone(), self.allowed.clone());
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let may: Vec<_> = found
                .iter()
                .copied()
                .filter(|address| house.forbids(address.ip(), &allowed).is_none())
                .collect();
            if may.is_empty() {
                let why = found
                    .iter()
                    .find_map(|address| house.forbids(address.ip(), &allowed))
                    .unwrap_or("resolves to nothing");
                return Err(format!("{} {why}", name.as_str()).into());
            }
            Ok(Box::new(may.into_iter()) as Addrs)
        })
    }
}

/// What forbids an address that is written in numbers, for which no name is resolved.
pub(super) fn literal_forbidden(url: &Url, house: &House, allowed: &[IpNet]) -> Option<&'static str> {
    let address = url.host_str()?.trim_matches(['[', ']']).parse().ok()?;
    house.forbids(address, allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_and_named_private_ones_are_called() {
        let house = House::parse("", "10.9.0.0/16").unwrap();
        let allowed = networks(&["10.0.0.0/8".to_owned()]);
        for (address, may) in [
            ("114.114.114.114", true),
            ("240e::1", true),
            ("10.20.0.7", true),
            ("10.9.0.7", false),
            ("192.168.1.1", false),
            ("127.0.0.1", false),
            ("169.254.169.254", false),
            ("100.100.100.200", false),
            ("0.0.0.0", false),
            ("::1", false),
            ("fe80::1", false),
            ("fd00::1", false),
            ("::ffff:127.0.0.1", false),
            ("::127.0.0.1", false),
            ("64:ff9b::7f00:1", false),
            ("2002:7f00:1::", false),
            ("::ffff:114.114.114.114", true),
            ("224.0.0.1", false),
        ] {
            assert_eq!(house.forbids(address.parse().unwrap(), &allowed).is_none(), may, "{address}");
        }
        let own = House::parse("127.0.0.0/8", "").unwrap();
        assert_eq!(own.forbids("127.0.0.1".parse().unwrap(), &[]), None);
    }

    #[test]
    fn what_is_wrong_with_an_address_is_said_at_once() {
        assert_eq!(wrong("https://example.org/hook", &["10.20.0.0/16".into()]), []);
        for (url, net, count) in [
            ("ftp://u:p@example.org/#x", "10.0.0.0", 4),
            ("nonsense", "127.0.0.0/8", 2),
            ("https://example.org", "0.0.0.0/0", 1),
            ("https://example.org", "::/0", 1),
        ] {
            assert_eq!(
                wrong(url, &[net.to_owned()]).len(),
                count,
                "{url} {net}: {:?}",
                wrong(url, &[net.to_owned()])
            );
        }
    }
}
