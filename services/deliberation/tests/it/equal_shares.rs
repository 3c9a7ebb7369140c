//! The method of equal shares with one yuan more for everybody, by the tests' own hand and from the file alone: nothing of the product's code is in it.

use std::cmp::Ordering;
use std::collections::BTreeMap;

/// An exact fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fraction(i128, i128);

impl Fraction {
    pub fn new(above: i128, below: i128) -> Self {
        let (mut a, mut b) = (above.abs(), below.abs());
        while b != 0 {
            (a, b) = (b, a % b);
        }
        let sign = below.signum();
        Self(sign * above / a.max(1), sign * below / a.max(1))
    }

    /// Reads `7`, `3.25` or `22/7`.
    pub fn read(text: &str) -> Self {
        if let Some((above, below)) = text.split_once('/') {
            return Self::new(above.parse().unwrap(), below.parse().unwrap());
        }
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        Self::new(format!("{whole}{part}").parse().unwrap(), 10i128.pow(part.len() as u32))
    }

    pub fn plus(self, other: Self) -> Self {
        Self::new(self.0 * other.1 + other.0 * self.1, self.1 * other.1)
    }

    pub fn minus(self, other: Self) -> Self {
        self.plus(Self(-other.0, other.1))
    }

    fn over(self, other: Self) -> Self {
        Self::new(self.0 * other.1, self.1 * other.0)
    }

    fn order(self, other: Self) -> Ordering {
        (self.0 * other.1).cmp(&(other.0 * self.1))
    }

    pub fn exceeds(self, other: Self) -> bool {
        self.order(other) == Ordering::Greater
    }
}

struct Project {
    id: String,
    cost: Fraction,
    group: String,
    withdrawn: bool,
    supporters: Vec<usize>,
}

/// What the rule says: projects in the order in which they are bought, with what each ballot pays.
pub type Bought = Vec<(String, BTreeMap<usize, Fraction>)>;

/// Carries the rule out on a file of Pabulib whose values hold neither quotes nor semicolons.
pub fn add_one(file: &str) -> Bought {
    let (mut table, mut budget, mut projects, mut voters) = ("", Fraction(0, 1), Vec::<Project>::new(), 0);
    for line in file.lines() {
        let parts: Vec<_> = line.split(';').collect();
        match (table, parts.as_slice()) {
            (_, ["META" | "PROJECTS" | "VOTES"]) => table = parts[0],
            (_, ["key" | "project_id" | "voter_id", ..]) => {}
            ("META", ["budget", value]) => budget = Fraction::read(value),
            ("PROJECTS", [id, cost, _, _, group, withdrawn]) => projects.push(Project {
                id: (*id).into(),
                cost: Fraction::read(cost),
                group: (*group).into(),
                withdrawn: *withdrawn == "1",
                supporters: Vec::new(),
            }),
            ("VOTES", [_, chosen]) => {
                for project in &mut projects {
                    if chosen.split(',').any(|id| id == project.id) {
                        project.supporters.push(voters);
                    }
                }
                voters += 1;
            }
            _ => {}
        }
    }
    let mut share = budget.over(Fraction(voters as i128, 1));
    let mut best = buy(&projects, voters, share);
    loop {
        let bought = buy(&projects, voters, share);
        let cost = |id: &str| projects.iter().find(|project| project.id == id).unwrap().cost;
        let spent = bought.iter().fold(Fraction(0, 1), |sum, (id, _)| sum.plus(cost(id)));
        if spent.exceeds(budget) {
            return best;
        }
        let left = budget.minus(spent);
        let fits = |project: &&Project| is_free(project, &projects, &bought) && !project.cost.exceeds(left);
        let exhausted = !projects.iter().any(|project| fits(&project));
        best = bought;
        if exhausted {
            return best;
        }
        share = share.plus(Fraction(1, 1));
    }
}

/// True when a project is wanted, not bought, and of no group of which one is.
fn is_free(project: &Project, projects: &[Project], bought: &Bought) -> bool {
    let group = |id: &str| &projects.iter().find(|project| project.id == id).unwrap().group;
    let clashes =
        |id: &String| *id == project.id || (!project.group.is_empty() && *group(id) == project.group);
    !project.withdrawn && !project.supporters.is_empty() && !bought.iter().any(|(id, _)| clashes(id))
}

fn buy(projects: &[Project], voters: usize, share: Fraction) -> Bought {
    let (mut purses, mut bought) = (vec![share; voters], Bought::new());
    loop {
        let asked =
            projects.iter().filter(|project| is_free(project, projects, &bought)).filter_map(|project| {
                // With a use of its cost for each, whoever pays in full pays the same; the rate is that by the cost.
                pays(project, &purses).map(|most| (most.over(project.cost), most, project))
            });
        let least = asked.min_by(|(one, _, a), (other, _, b)| {
            let by_cost = one.order(*other).then(a.cost.order(b.cost));
            by_cost.then(b.supporters.len().cmp(&a.supporters.len())).then(a.id.cmp(&b.id))
        });
        let Some((_, most, project)) = least else { return bought };
        let mut payments = BTreeMap::new();
        for voter in &project.supporters {
            let paid = if most.exceeds(purses[*voter]) { purses[*voter] } else { most };
            purses[*voter] = purses[*voter].minus(paid);
            if paid.0 != 0 {
                payments.insert(*voter + 1, paid);
            }
        }
        bought.push((project.id.clone(), payments));
    }
}

/// What those pay for a project who have enough; none when all of them together have too little.
fn pays(project: &Project, purses: &[Fraction]) -> Option<Fraction> {
    let mut own: Vec<_> = project.supporters.iter().map(|voter| purses[*voter]).collect();
    own.sort_by(|a, b| a.order(*b));
    let mut rest = project.cost;
    for (nth, purse) in own.iter().enumerate() {
        let even = rest.over(Fraction((own.len() - nth) as i128, 1));
        if !even.exceeds(*purse) {
            return Some(even);
        }
        rest = rest.minus(*purse);
    }
    None
}
