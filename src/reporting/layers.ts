import { containment, type LayerPlace, type Provenance } from '../model/provenance.js';
import { visible } from './visible.js';

/** In which layer of which image a place lies, and which later layer hides it: a few words, on one line. */
export function describeLayers(where: Provenance): string {
  return containment(where)
    .map((place) =>
      place.kind === 'member' && place.layer !== undefined ? ` (${ofLayer(place.layer)})` : '',
    )
    .join('');
}

/** Layers are counted from 1 here, as people do. */
function ofLayer({ index, layers, image, deleted_by: deleted, replaced_by: replaced }: LayerPlace): string {
  const place = `layer ${index + 1} of ${layers}${image === undefined ? '' : ` of ${visible(image)}`}`;
  if (deleted !== undefined) return `${place}; deleted by layer ${deleted.index + 1}, and still in the image`;
  if (replaced !== undefined)
    return `${place}; replaced by layer ${replaced.index + 1}, and still in the image`;
  return place;
}
