//! Where cards and arrows lie: a layered drawing (Sugiyama, Tagawa, Toda 1981).
//!
//! Cards get ranks, so that arrows lead down; arrows over several ranks, and labels, get vertices of their own in
//! between, so that nothing lies on anything else. Within ranks the vertices are ordered by the mean of their
//! neighbours, to have few crossings. Places along a rank are the least squares from the neighbours' places that keep
//! all distances (pool adjacent violators).
//!
//! `across` is along a rank, `down` from rank to rank: in drawings from left to right they are y and x.

use std::collections::BTreeMap;

/// What is to be laid out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    pub(super) across: f64,
    pub(super) down: f64,
}

/// An arrow, with the size of its label where it has one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) label: Option<Size>,
}

/// A place: the middle of what lies there.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Point {
    pub(super) across: f64,
    pub(super) down: f64,
}

/// Where everything lies.
#[derive(Clone, Debug, Default)]
pub(super) struct Layout {
    /// By card.
    pub(super) cards: Vec<Point>,
    /// By link: the points through which it goes, from the edge of one card to that of the other.
    pub(super) paths: Vec<Vec<Point>>,
    /// By link: the middle of its label.
    pub(super) labels: Vec<Option<Point>>,
    pub(super) across: f64,
    pub(super) down: f64,
}

/// Between ranks.
const GAP_DOWN: f64 = 38.0;
/// Where ranks are columns.
const GAP_COLUMNS: f64 = 60.0;
/// Between a rank and one of labels.
const GAP_LABEL: f64 = 20.0;
/// Beside each other.
const GAP_ACROSS: f64 = 30.0;
/// In columns.
const GAP_CARDS: f64 = 16.0;
const GAP_LINES: f64 = 18.0;
/// Between the ends of arrows at one card.
const GAP_ENDS: f64 = 20.0;
/// What ends so near to the straight line is drawn straight.
const NEARLY: f64 = 9.0;
const SWEEPS: usize = 16;
/// Until the places have settled.
const SETTLING: usize = 120;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Card(usize),
    /// A link passes.
    Bend,
    /// The label of a link.
    Label,
}

struct Vertex {
    what: What,
    size: Size,
    rank: usize,
    up: Vec<usize>,
    down: Vec<usize>,
}

/// Lays cards out. The ranks of the cards are given, or follow from the links, which then go round no circle.
pub(super) fn layout(cards: &[Size], links: &[Link], ranks: Option<&[usize]>) -> Layout {
    // Where many lines cross they need room to do so.
    let crowd = (links.len() as f64 * 1.2).min(90.0);
    let gap = if ranks.is_some() { GAP_COLUMNS + crowd } else { GAP_DOWN };
    if cards.is_empty() {
        return Layout::default();
    }
    let in_columns = ranks.is_some();
    let ranks = ranks.map_or_else(|| ranked(cards.len(), links), <[usize]>::to_vec);
    let beside = if in_columns { GAP_CARDS } else { GAP_ACROSS };
    let mut graph = Graph { vertices: Vec::new(), chains: Vec::new(), layers: Vec::new(), beside };
    graph.build(cards, links, &ranks);
    graph.order();
    let across = graph.place();
    graph.draw(cards.len(), links, &across, gap)
}

/// The rank of each card: below all from which an arrow leads to it, two where the arrow has a label.
fn ranked(count: usize, links: &[Link]) -> Vec<usize> {
    let mut ranks = vec![0; count];
    let mut open = vec![0_usize; count];
    links.iter().for_each(|link| open[link.to] += 1);
    let mut ready: Vec<usize> = (0..count).filter(|card| open[*card] == 0).collect();
    while let Some(card) = ready.pop() {
        for link in links.iter().filter(|link| link.from == card) {
            let length = if link.label.is_some() { 2 } else { 1 };
            ranks[link.to] = ranks[link.to].max(ranks[card] + length);
            open[link.to] -= 1;
            if open[link.to] == 0 {
                ready.push(link.to);
            }
        }
    }
    ranks
}

struct Graph {
    vertices: Vec<Vertex>,
    /// By link: the vertices that it goes through, its cards included.
    chains: Vec<Vec<usize>>,
    /// By rank, in their order.
    layers: Vec<Vec<usize>>,
    /// The gap between cards beside each other.
    beside: f64,
}

impl Graph {
    fn build(&mut self, cards: &[Size], links: &[Link], ranks: &[usize]) {
        for (card, size) in cards.iter().enumerate() {
            self.add(What::Card(card), *size, ranks[card]);
        }
        for link in links {
            let mut chain = vec![link.from];
            for rank in ranks[link.from] + 1..ranks[link.to] {
                let vertex = match link.label {
                    Some(size) if rank == ranks[link.from] + 1 => self.add(What::Label, size, rank),
                    _ => self.add(What::Bend, Size { across: 0.0, down: 0.0 }, rank),
                };
                chain.push(vertex);
            }
            chain.push(link.to);
            for pair in chain.windows(2) {
                if self.vertices[pair[0]].rank < self.vertices[pair[1]].rank {
                    self.vertices[pair[0]].down.push(pair[1]);
                    self.vertices[pair[1]].up.push(pair[0]);
                }
            }
            self.chains.push(chain);
        }
        // The first order: as one goes through it, the first way first.
        let last = self.vertices.iter().map(|vertex| vertex.rank).max().unwrap_or_default();
        self.layers = vec![Vec::new(); last + 1];
        let mut seen = vec![false; self.vertices.len()];
        for start in 0..self.vertices.len() {
            let mut open = vec![start];
            while let Some(vertex) = open.pop() {
                if std::mem::replace(&mut seen[vertex], true) {
                    continue;
                }
                self.layers[self.vertices[vertex].rank].push(vertex);
                open.extend(self.vertices[vertex].down.iter().rev());
            }
        }
    }

    fn add(&mut self, what: What, size: Size, rank: usize) -> usize {
        self.vertices.push(Vertex { what, size, rank, up: Vec::new(), down: Vec::new() });
        self.vertices.len() - 1
    }

    /// Orders the ranks so that few arrows cross.
    fn order(&mut self) {
        let mut best = (self.crossings(), self.layers.clone());
        for sweep in 0..SWEEPS {
            let down = sweep % 2 == 0;
            let count = self.layers.len();
            let order: Vec<usize> =
                if down { (1..count).collect() } else { (0..count.saturating_sub(1)).rev().collect() };
            for rank in order {
                self.order_layer(rank, down);
            }
            let crossings = self.crossings();
            if crossings < best.0 {
                best = (crossings, self.layers.clone());
            }
        }
        self.layers = best.1;
    }

    fn order_layer(&mut self, rank: usize, down: bool) {
        let beside = if down { rank - 1 } else { rank + 1 };
        let positions = self.positions(beside);
        let layer = std::mem::take(&mut self.layers[rank]);
        let mut keyed: Vec<(f64, usize)> = Vec::with_capacity(layer.len());
        for (at, vertex) in layer.iter().enumerate() {
            let neighbours = if down { &self.vertices[*vertex].up } else { &self.vertices[*vertex].down };
            let known: Vec<f64> =
                neighbours.iter().filter_map(|one| positions.get(one)).map(|at| *at as f64).collect();
            let mean =
                if known.is_empty() { at as f64 } else { known.iter().sum::<f64>() / known.len() as f64 };
            keyed.push((mean, *vertex));
        }
        keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
        self.layers[rank] = keyed.into_iter().map(|(_, vertex)| vertex).collect();
    }

    fn positions(&self, rank: usize) -> BTreeMap<usize, usize> {
        self.layers[rank].iter().enumerate().map(|(at, vertex)| (*vertex, at)).collect()
    }

    /// How many arrows cross: the inversions between neighbouring ranks (Barth, Jünger, Mutzel 2002).
    fn crossings(&self) -> usize {
        let mut total = 0;
        for rank in 1..self.layers.len() {
            let positions = self.positions(rank);
            let mut ends: Vec<usize> = Vec::new();
            for vertex in &self.layers[rank - 1] {
                let mut of_it: Vec<usize> = self.vertices[*vertex]
                    .down
                    .iter()
                    .filter_map(|one| positions.get(one).copied())
                    .collect();
                of_it.sort_unstable();
                ends.extend(of_it);
            }
            let mut tree = vec![0_usize; self.layers[rank].len() + 1];
            for (seen, end) in ends.iter().enumerate() {
                // So many of those before end at this place or before it.
                let (mut at, mut before) = (end + 1, 0);
                while at > 0 {
                    before += tree[at];
                    at &= at - 1;
                }
                total += seen - before;
                let mut at = end + 1;
                while at < tree.len() {
                    tree[at] += 1;
                    at += at & at.wrapping_neg();
                }
            }
        }
        total
    }

    /// The least distance between the middles of two vertices beside each other.
    fn apart(&self, left: usize, right: usize) -> f64 {
        let (a, b) = (&self.vertices[left], &self.vertices[right]);
        let gap = match (a.what, b.what) {
            (What::Card(_), What::Card(_)) => self.beside,
            _ => GAP_LINES,
        };
        (a.size.across + b.size.across) / 2.0 + gap
    }

    /// Places along the ranks.
    fn place(&self) -> Vec<f64> {
        let mut across = vec![0.0; self.vertices.len()];
        for layer in &self.layers {
            let mut at = 0.0;
            for (position, vertex) in layer.iter().enumerate() {
                if position > 0 {
                    at += self.apart(layer[position - 1], *vertex);
                }
                across[*vertex] = at;
            }
            let middle = at / 2.0;
            layer.iter().for_each(|vertex| across[*vertex] -= middle);
        }
        for sweep in 0..SETTLING {
            let down = sweep % 2 == 0;
            let both = sweep >= SETTLING / 4;
            let count = self.layers.len();
            let order: Vec<usize> = if down { (0..count).collect() } else { (0..count).rev().collect() };
            for rank in order {
                self.settle(rank, down, both, &mut across);
            }
        }
        for _ in 0..3 {
            self.straighten(&mut across);
        }
        across
    }

    /// Makes straight what leads from one to the next alone, as far as there is room.
    fn straighten(&self, across: &mut [f64]) {
        let next = |vertex: usize| match self.vertices[vertex].down[..] {
            [only] if self.vertices[only].up.len() == 1 => Some(only),
            _ => None,
        };
        let begins = |vertex: usize| match self.vertices[vertex].up[..] {
            [only] => next(only).is_none(),
            _ => true,
        };
        let mut places = vec![0; self.vertices.len()];
        for layer in &self.layers {
            layer.iter().enumerate().for_each(|(at, vertex)| places[*vertex] = at);
        }
        for start in (0..self.vertices.len()).filter(|vertex| begins(*vertex)) {
            let run: Vec<usize> = std::iter::successors(Some(start), |vertex| next(*vertex)).collect();
            if run.len() < 2 {
                continue;
            }
            let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
            for &vertex in &run {
                let layer = &self.layers[self.vertices[vertex].rank];
                let at = places[vertex];
                if let Some(&left) = at.checked_sub(1).and_then(|left| layer.get(left)) {
                    low = low.max(across[left] + self.apart(left, vertex));
                }
                if let Some(&right) = layer.get(at + 1) {
                    high = high.min(across[right] - self.apart(vertex, right));
                }
            }
            if low <= high {
                let mean = run.iter().map(|vertex| across[*vertex]).sum::<f64>() / run.len() as f64;
                run.iter().for_each(|vertex| across[*vertex] = mean.clamp(low, high));
            }
        }
    }

    /// Moves a rank to where its neighbours are, as far as there is room.
    fn settle(&self, rank: usize, down: bool, both: bool, across: &mut [f64]) {
        let layer = &self.layers[rank];
        // Blocks of vertices that touch: total weight, weighted sum of where the block's first would like to be, and
        // how many there are.
        let mut blocks: Vec<(f64, f64, usize)> = Vec::new();
        let mut offset = 0.0;
        let mut offsets = Vec::with_capacity(layer.len());
        for (at, &vertex) in layer.iter().enumerate() {
            if at > 0 {
                offset += self.apart(layer[at - 1], vertex);
            }
            offsets.push(offset);
            let (wish, weight) = self.wish(vertex, down, both, across);
            blocks.push((weight, weight * (wish - offset), 1));
            while let [.., (w1, s1, n1), (w2, s2, n2)] = blocks[..]
                && s1 / w1 > s2 / w2
            {
                blocks.pop();
                blocks.pop();
                blocks.push((w1 + w2, s1 + s2, n1 + n2));
            }
        }
        let mut at = 0;
        for (weight, sum, count) in blocks {
            for vertex in at..at + count {
                across[layer[vertex]] = sum / weight + offsets[vertex];
            }
            at += count;
        }
    }

    /// Where a vertex would like to be, and how much. Long arrows are to be straight.
    fn wish(&self, vertex: usize, down: bool, both: bool, across: &[f64]) -> (f64, f64) {
        let one = &self.vertices[vertex];
        let straight = |other: &usize| match (one.what, self.vertices[*other].what) {
            (What::Card(_), What::Card(_)) => 1.0,
            (What::Card(_), _) | (_, What::Card(_)) => 2.0,
            _ => 8.0,
        };
        let up = if down || both { &one.up[..] } else { &[] };
        let below = if !down || both { &one.down[..] } else { &[] };
        let (mut sum, mut weight) = (0.0, 0.0);
        for other in up.iter().chain(below) {
            sum += straight(other) * across[*other];
            weight += straight(other);
        }
        if weight == 0.0 { (across[vertex], 0.1) } else { (sum / weight, weight) }
    }

    fn draw(&self, cards: usize, links: &[Link], across: &[f64], gap: f64) -> Layout {
        // From rank to rank.
        let mut tops = Vec::with_capacity(self.layers.len());
        let mut down = 0.0;
        let only_lines = |layer: &Vec<usize>| {
            layer.iter().all(|vertex| !matches!(self.vertices[*vertex].what, What::Card(_)))
        };
        for (rank, layer) in self.layers.iter().enumerate() {
            if rank > 0 {
                let beside_lines = only_lines(layer) || only_lines(&self.layers[rank - 1]);
                down += if beside_lines { GAP_LABEL } else { gap };
            }
            let depth = layer.iter().map(|vertex| self.vertices[*vertex].size.down).fold(0.0, f64::max);
            tops.push((down, down + depth));
            down += depth;
        }
        let edge = |vertex: usize, side: f64| across[vertex] + side * self.vertices[vertex].size.across / 2.0;
        let first = (0..self.vertices.len()).map(|vertex| edge(vertex, -1.0)).fold(f64::INFINITY, f64::min);
        let last = (0..self.vertices.len()).map(|vertex| edge(vertex, 1.0)).fold(f64::NEG_INFINITY, f64::max);
        let middle = |vertex: usize| {
            let (top, bottom) = tops[self.vertices[vertex].rank];
            // Cards of one rank have their tops in one line.
            let down = match self.vertices[vertex].what {
                What::Card(_) => top + self.vertices[vertex].size.down / 2.0,
                _ => (top + bottom) / 2.0,
            };
            Point { across: across[vertex] - first, down }
        };
        let mut layout = Layout {
            cards: (0..cards).map(middle).collect(),
            paths: Vec::with_capacity(links.len()),
            labels: Vec::with_capacity(links.len()),
            across: last - first,
            down,
        };
        let ends = self.ends(across);
        for (chain, link) in self.chains.iter().zip(links) {
            let mut path = Vec::with_capacity(chain.len() * 2);
            let mut label = None;
            for (at, &vertex) in chain.iter().enumerate() {
                let here = middle(vertex);
                let (top, bottom) = tops[self.vertices[vertex].rank];
                let half = self.vertices[vertex].size.down / 2.0;
                if at == 0 {
                    let shift = ends.get(&(vertex, chain[1], true)).copied().unwrap_or_default();
                    path.push(Point { across: here.across + shift, down: here.down + half });
                } else if at + 1 == chain.len() {
                    let shift = ends.get(&(vertex, chain[at - 1], false)).copied().unwrap_or_default();
                    path.push(Point { across: here.across + shift, down: here.down - half });
                } else {
                    if self.vertices[vertex].what == What::Label {
                        label = Some(here);
                    }
                    path.push(Point { across: here.across, down: top });
                    if bottom > top {
                        path.push(Point { across: here.across, down: bottom });
                    }
                }
            }
            // A short card of a high rank is left at its foot.
            if let [first, second, ..] = &path[..]
                && first.down < tops[self.vertices[link.from].rank].1
                && second.down > tops[self.vertices[link.from].rank].1
            {
                let foot = Point { across: first.across, down: tops[self.vertices[link.from].rank].1 };
                path.insert(1, foot);
            }
            // A line that is nearly straight is straight.
            let last = path.len() - 1;
            if (path[0].across - path[1].across).abs() < NEARLY {
                path[0].across = path[1].across;
            }
            if (path[last].across - path[last - 1].across).abs() < NEARLY {
                path[last].across = path[last - 1].across;
            }
            layout.paths.push(path);
            layout.labels.push(label);
        }
        layout
    }

    /// Where arrows leave cards and reach them, beside the middle, so that they don't lie on each other: by card, the
    /// next vertex, and whether they leave.
    fn ends(&self, across: &[f64]) -> BTreeMap<(usize, usize, bool), f64> {
        let mut ends = BTreeMap::new();
        for (index, vertex) in self.vertices.iter().enumerate() {
            if !matches!(vertex.what, What::Card(_)) {
                continue;
            }
            for (neighbours, leaves) in [(&vertex.down, true), (&vertex.up, false)] {
                let mut sorted = neighbours.clone();
                sorted.sort_by(|a, b| across[*a].total_cmp(&across[*b]));
                sorted.dedup();
                let count = sorted.len();
                let room = (vertex.size.across - 24.0).max(0.0);
                let gap = if count > 1 { GAP_ENDS.min(room / (count - 1) as f64) } else { 0.0 };
                for (at, neighbour) in sorted.into_iter().enumerate() {
                    let shift = (at as f64 - (count - 1) as f64 / 2.0) * gap;
                    ends.insert((index, neighbour, leaves), shift);
                }
            }
        }
        ends
    }
}
