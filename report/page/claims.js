// Section: what publications say, beside what was measured here.

function claim_ratio(claim) {
  const published = read_quantity(claim.published);
  const measured = read_quantity(claim.measured);
  return published.base === measured.base ? ratio_of(measured.number, published.number) : NaN;
}

function claims_message(claims) {
  const comparable = claims.filter((claim) => Number.isFinite(claim_ratio(claim)));
  if (!comparable.length) return null;
  const near = comparable.filter((claim) => claim_ratio(claim) >= 0.8 && claim_ratio(claim) <= 1.25).length;
  return paragraph(
    element("strong", {}, `${near} of ${counted(comparable.length, "claim")} ${near === 1 ? "is" : "are"} met within a quarter.`),
    near < comparable.length ? " The others differ for the reasons given." : null);
}

function claims_section() {
  const {claims} = results;
  if (!claims.length) return null;
  return [element("h2", {}, "Published claims beside these measurements"), claims_message(claims),
          table("Claims; the ratio is of measured to published", [
            {heading: "Claim", header: true, of: (claim) => claim.title},
            {heading: "Published", kind: "quantity", of: (claim) => read_quantity(claim.published)},
            {heading: "Measured", kind: "quantity", of: (claim) => read_quantity(claim.measured)},
            {heading: "Ratio", of: (claim) => {
              const ratio = claim_ratio(claim);
              return element("span", {class: "one_line"}, Number.isFinite(ratio) ? multiple(ratio, 1) : "–");
            }},
            {heading: "Why", wide: true, of: (claim) => claim.explanation},
          ], claims)];
}
