//! The layout of the boxes: in columns, so that lines lead to the right, unless events cause each other in a cycle.
//!
//! The steps are those of K. Sugiyama, S. Tagawa and M. Toda, "Methods for Visual Understanding of Hierarchical System
//! Structures" (1981): open the cycles, choose the columns, sort each column by the places of its neighbours, choose
//! the heights. Lines that pass over a column get no place in it.

use super::model::{Edge, Model, Node};

/// The number of times that columns are sorted and moved; more changes little.
const SWEEPS: usize = 12;

const GAP_BELOW: f64 = 14.0;
const GAP_BESIDE: f64 = 76.0;
const MARGIN: f64 = 24.0;

/// The width of a character in the boxes, rather too wide.
const CHARACTER_WIDTH: f64 = 7.9;

pub(super) struct Layout {
    pub(super) boxes: Vec<Rectangle>,
    pub(super) width: f64,
    pub(super) height: f64,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Rectangle {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Rectangle {
    pub(super) fn middle(&self) -> f64 {
        self.y + self.height / 2.0
    }
}

impl Layout {
    pub(super) fn new(model: &Model) -> Self {
        let forward = open_cycles(model);
        let column_of = columns(model.nodes.len(), &forward);
        let mut columns = vec![Vec::new(); column_of.iter().max().map_or(0, |last| last + 1)];
        for (node, &column) in column_of.iter().enumerate() {
            columns[column].push(node);
        }
        let neighbours = Neighbours::new(model.nodes.len(), &forward);
        sort_columns(&mut columns, &neighbours);
        let mut boxes: Vec<Rectangle> = model.nodes.iter().map(size).collect();
        let mut x = MARGIN;
        for column in &columns {
            let width = column.iter().map(|&node| boxes[node].width);
            let width = width.fold(0.0, f64::max);
            for &node in column {
                boxes[node].x = x;
                boxes[node].width = width;
            }
            x += width + GAP_BESIDE;
        }
        choose_heights(&columns, &neighbours, &mut boxes);
        let bottom = boxes.iter().map(|it| it.y + it.height);
        Self {
            width: (x - GAP_BESIDE).max(0.0) + MARGIN,
            height: bottom.fold(0.0, f64::max) + MARGIN,
            boxes,
        }
    }
}

fn size(node: &Node) -> Rectangle {
    let characters = |text: &str| u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    let place = node.short_place.as_deref().map_or(0, characters);
    let name = f64::from(characters(&node.name)) * CHARACTER_WIDTH;
    // It is in a smaller font.
    let place = f64::from(place) * CHARACTER_WIDTH * 0.82;
    Rectangle {
        x: 0.0,
        y: 0.0,
        width: name.max(place) + 24.0,
        height: if node.short_place.is_some() {
            42.0
        } else {
            28.0
        },
    }
}

/// The lines without those that lead back to where a walk along them came from.
fn open_cycles(model: &Model) -> Vec<(usize, usize)> {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        New,
        Open,
        Done,
    }
    let mut followers = vec![Vec::new(); model.nodes.len()];
    let mut is_target = vec![false; model.nodes.len()];
    for &Edge { from, to, .. } in &model.edges {
        followers[from].push(to);
        is_target[to] = true;
    }
    let mut states = vec![State::New; model.nodes.len()];
    let mut forward = Vec::new();
    let starts = (0..model.nodes.len()).filter(|&node| !is_target[node]);
    for start in starts.chain(0..model.nodes.len()) {
        if states[start] != State::New {
            continue;
        }
        states[start] = State::Open;
        let mut walk = vec![(start, 0)];
        while let Some((node, next)) = walk.last_mut() {
            let Some(&follower) = followers[*node].get(*next) else {
                states[*node] = State::Done;
                walk.pop();
                continue;
            };
            *next += 1;
            if states[follower] != State::Open {
                forward.push((*node, follower));
            }
            if states[follower] == State::New {
                states[follower] = State::Open;
                walk.push((follower, 0));
            }
        }
    }
    forward
}

/// The column of each node: one to the right of the last that leads to it.
fn columns(count: usize, forward: &[(usize, usize)]) -> Vec<usize> {
    let mut followers = vec![Vec::new(); count];
    let mut waiting_for = vec![0_usize; count];
    for &(from, to) in forward {
        followers[from].push(to);
        waiting_for[to] += 1;
    }
    let mut column = vec![0; count];
    let mut ready: Vec<usize> = (0..count).filter(|&node| waiting_for[node] == 0).collect();
    while let Some(node) = ready.pop() {
        for &follower in &followers[node] {
            column[follower] = column[follower].max(column[node] + 1);
            waiting_for[follower] -= 1;
            if waiting_for[follower] == 0 {
                ready.push(follower);
            }
        }
    }
    column
}

struct Neighbours {
    before: Vec<Vec<usize>>,
    after: Vec<Vec<usize>>,
}

impl Neighbours {
    fn new(count: usize, forward: &[(usize, usize)]) -> Self {
        let mut neighbours = Self {
            before: vec![Vec::new(); count],
            after: vec![Vec::new(); count],
        };
        for &(from, to) in forward {
            neighbours.after[from].push(to);
            neighbours.before[to].push(from);
        }
        neighbours
    }

    fn of(&self, node: usize, is_to_the_right: bool) -> &[usize] {
        if is_to_the_right {
            &self.before[node]
        } else {
            &self.after[node]
        }
    }
}

/// The mean of what the neighbours have; none without neighbours.
fn mean(neighbours: &[usize], values: &[f64]) -> Option<f64> {
    let count = u32::try_from(neighbours.len()).ok().filter(|&it| it > 0)?;
    let sum: f64 = neighbours.iter().map(|&node| values[node]).sum();
    Some(sum / f64::from(count))
}

fn sort_columns(columns: &mut [Vec<usize>], neighbours: &Neighbours) {
    let count = columns.iter().map(Vec::len).sum();
    let mut places = vec![0.0; count];
    let number = |columns: &[Vec<usize>], places: &mut Vec<f64>| {
        for column in columns {
            for (place, &node) in (0_u32..).zip(column) {
                places[node] = f64::from(place);
            }
        }
    };
    number(columns, &mut places);
    for sweep in 0..SWEEPS {
        let is_to_the_right = sweep % 2 == 0;
        for index in in_direction(columns.len(), is_to_the_right) {
            let column = &mut columns[index];
            let wanted = |node: usize| {
                mean(neighbours.of(node, is_to_the_right), &places).unwrap_or(places[node])
            };
            let mut keyed: Vec<_> = column.iter().map(|&node| (wanted(node), node)).collect();
            keyed.sort_by(|(first, _), (second, _)| first.total_cmp(second));
            *column = keyed.into_iter().map(|(_, node)| node).collect();
            for (place, &node) in (0_u32..).zip(&*column) {
                places[node] = f64::from(place);
            }
        }
    }
}

fn in_direction(count: usize, is_to_the_right: bool) -> Vec<usize> {
    if is_to_the_right {
        (0..count).collect()
    } else {
        (0..count).rev().collect()
    }
}

/// Puts each box as near to the middle of its neighbours as it can without covering another.
fn choose_heights(columns: &[Vec<usize>], neighbours: &Neighbours, boxes: &mut [Rectangle]) {
    for column in columns {
        let mut y = MARGIN;
        for &node in column {
            boxes[node].y = y;
            y += boxes[node].height + GAP_BELOW;
        }
    }
    for sweep in 0..SWEEPS {
        let is_to_the_right = sweep % 2 == 0;
        for index in in_direction(columns.len(), is_to_the_right) {
            let middles: Vec<f64> = boxes.iter().map(Rectangle::middle).collect();
            let column = &columns[index];
            let wanted: Vec<f64> = column
                .iter()
                .map(|&node| {
                    let middle = mean(neighbours.of(node, is_to_the_right), &middles);
                    middle.unwrap_or(middles[node]) - boxes[node].height / 2.0
                })
                .collect();
            place_in_order(column, &wanted, boxes);
        }
    }
    let top = boxes.iter().map(|it| it.y).fold(f64::INFINITY, f64::min);
    for it in boxes {
        it.y += MARGIN - top;
    }
}

/// Gives each box of a column the height that it wants, as far as those above and below it allow: boxes that would
/// cover each other become a block, which stands where its members want to be in the mean.
fn place_in_order(column: &[usize], wanted: &[f64], boxes: &mut [Rectangle]) {
    struct Block {
        top: f64,
        height: f64,
        members: Vec<usize>,
        /// The sum of where the top of the block would be for each member, and the number of members.
        wishes: (f64, f64),
    }
    let mut blocks: Vec<Block> = Vec::new();
    for (&node, &top) in column.iter().zip(wanted) {
        let mut block = Block {
            top,
            height: boxes[node].height + GAP_BELOW,
            members: vec![node],
            wishes: (top, 1.0),
        };
        while let Some(above) = blocks.pop_if(|above| above.top + above.height > block.top) {
            let count = above.wishes.1 + block.wishes.1;
            let wishes = above.wishes.0 + block.wishes.0 - above.height * block.wishes.1;
            block = Block {
                top: wishes / count,
                height: above.height + block.height,
                members: [above.members, block.members].concat(),
                wishes: (wishes, count),
            };
        }
        blocks.push(block);
    }
    for block in blocks {
        let mut y = block.top;
        for node in block.members {
            boxes[node].y = y;
            y += boxes[node].height + GAP_BELOW;
        }
    }
}

#[cfg(test)]
mod tests;
