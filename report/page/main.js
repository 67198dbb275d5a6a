// Puts the sections on the page. One that cannot be drawn says so in its place and leaves the others alone.

const results = JSON.parse(document.getElementById("results").textContent);

function section(id, draw) {
  const made = element("section", {id});
  try {
    const content = draw();
    if (content === null) return null;
    made.append(element("div", {}, content));
  } catch (error) {
    made.append(element("p", {class: "callout fail", "data-failed": id}, `This section could not be drawn: ${error.message}`));
  }
  return made;
}

function draw_page() {
  const sections = [section("summary", header), section("schemes", schemes_section), section("energy", energy_section),
                    section("layers", layers_section), section("units", units_section), section("claims", claims_section),
                    section("checks", checks_section), section("provenance", provenance_section)];
  document.getElementById("report").replaceChildren(...sections.filter(Boolean));
  draw_plots();
  follow_paper();
  document.documentElement.dataset.drawn = "yes";
}

draw_page();
