//! The contracts: the only thing that services share with each other. Messages and rpcs generated from `gongzhi/**/*.proto`, typed ids, the
//! subjects and envelopes of facts, the catalogue and the law of access, both read from the options in the contracts.
//!
//! Knows nothing of databases, brokers or processes. Generated code is committed; `UPDATE=1 cargo test -p gongzhi-tidy` rewrites it.

pub mod access;
pub mod catalogue;
pub mod cloudevents;
pub mod envelope;
pub mod facts;
pub mod ids;
pub mod json;
pub mod published;
pub mod subjects;
pub mod time;

pub use facts::Fact;

/// The options that make the catalogue.
pub mod event {
    #[allow(missing_docs, clippy::all, clippy::too_many_lines)]
    pub mod v1 {
        include!("gen/gongzhi.event.v1.rs");
    }
}

/// The seal of every record.
pub mod audit {
    #[allow(missing_docs, clippy::all, clippy::too_many_lines)]
    pub mod v1 {
        include!("gen/gongzhi.audit.v1.rs");
    }
}

/// Divisions, departments, people on duty.
pub mod organization {
    #[allow(missing_docs, clippy::all, clippy::too_many_lines)]
    pub mod v1 {
        include!("gen/gongzhi.organization.v1.rs");
    }
}

/// Grids, places, follow-up visits.
pub mod grid {
    #[allow(missing_docs, clippy::all, clippy::too_many_lines)]
    pub mod v1 {
        include!("gen/gongzhi.grid.v1.rs");
    }
}

/// Cases and whistles.
pub mod dispatch {
    #[allow(missing_docs, clippy::all, clippy::too_many_lines)]
    pub mod v1 {
        include!("gen/gongzhi.dispatch.v1.rs");
    }
}

/// Topics, agendas, representatives by lot, meetings, ballots, budgets, resolutions.
pub mod deliberation {
    #[allow(missing_docs, clippy::all, clippy::too_many_lines)]
    pub mod v1 {
        include!("gen/gongzhi.deliberation.v1.rs");
    }
}

/// The catalogue, grants, subscriptions and their delivery.
pub mod exchange {
    #[allow(missing_docs, clippy::all, clippy::too_many_lines)]
    pub mod v1 {
        include!("gen/gongzhi.exchange.v1.rs");
    }
}

/// Boards and figures.
pub mod reporting {
    #[allow(missing_docs, clippy::all, clippy::too_many_lines)]
    pub mod v1 {
        include!("gen/gongzhi.reporting.v1.rs");
    }
}

/// The compiled contracts with all options, for gRPC reflection and for reading the options.
pub const DESCRIPTOR_SET: &[u8] = include_bytes!("gen/descriptor.binpb");
