//! What is told of the measurement.

use jiff::SignedDuration;

use super::{Measured, Order};

/// Within which nearly everything should come.
const WITHIN: SignedDuration = SignedDuration::from_secs(2);

/// Prints the figures. What was missed is said, because it may be the machine's.
pub(super) fn print(order: &Order, measured: &Measured) {
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    let ms = |lag: SignedDuration| lag.as_secs_f64() * 1e3;
    let count = order.subscriptions as f64;
    let deliveries = &measured.deliveries;
    let seconds = measured.driven.took.as_secs_f64();
    let [grpc, webhook, nats] = measured.ways.map(|(_, count)| count);
    println!(
        "subscriptions                 {:>10}   each with a field filter; {grpc} over gRPC, {webhook} webhooks, {nats} over NATS; made in {:.1} s",
        order.subscriptions,
        measured.made_in.as_secs_f64()
    );
    println!(
        "facts/s                       {:>10.0}   of {:.0} wanted, for {seconds:.1} s; {} on the bus",
        measured.driven.rate(),
        order.rate,
        measured.facts
    );
    println!(
        "deliveries due                {:>10}   {:.1} per fact, {:.0}/s; recomputed from the bus",
        deliveries.due,
        deliveries.due as f64 / (measured.facts as f64).max(1.0),
        deliveries.due as f64 / seconds
    );
    println!("deliveries lost               {:>10}", deliveries.lost);
    println!("deliveries not due            {:>10}", deliveries.foreign);
    println!("deliveries that came again    {:>10}   at least once is the promise", deliveries.again);
    let [p50, p99, longest] = deliveries.lag;
    println!("lag of deliveries, p50        {:>10.1} ms from the fact to its reception", ms(p50));
    println!("lag of deliveries, p99        {:>10.1} ms; the longest {:.1} ms", ms(p99), ms(longest));
    let [before, rested, loaded] = measured.memory;
    println!(
        "memory before                 {:>10.1} MiB resident after the same load, all services, client and receivers in one process",
        mib(before)
    );
    println!(
        "memory with subscriptions     {:>10.1} MiB at rest, {:.1} MiB under load",
        mib(rested),
        mib(loaded)
    );
    println!(
        "memory per subscription       {:>10.1} KiB under load, its receiver and what waits for it included",
        loaded.saturating_sub(before) as f64 / 1024.0 / count
    );
    let [alone, at_rest, under_load] = measured.cores;
    println!("cores without subscriptions   {:>10.2}   {:.2} with database and broker", alone.0, alone.1);
    println!("cores with, at rest           {:>10.2}   {:.2} with database and broker", at_rest.0, at_rest.1);
    println!(
        "cores with, under load        {:>10.2}   {:.2} with database and broker",
        under_load.0, under_load.1
    );
    println!(
        "cost of a subscription        {:>10.2} ms of a core per second, {:.2} with database and broker; its deliveries and receiver included; by one run, so within the machine's noise",
        (under_load.0 - alone.0) * 1e3 / count,
        (under_load.1 - alone.1) * 1e3 / count
    );
    if p99 > WITHIN {
        println!("the lag of 2 s was missed");
    }
    if measured.driven.rate() < order.rate * 0.98 {
        println!("the wanted rate was missed: this machine is too slow now");
    }
}
